# One image for set-up, worker, relay, reconcile and the command line; about 7 GB with PyPI's torch,
# which brings its CUDA libraries. Where the CPU build's index can be reached, name it when building
# and the image is some 5 GB smaller: docker compose build --build-arg TORCH_INDEX_URL=…

FROM python:3.11-slim-trixie AS build
ARG TORCH_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/hirelens
ENV PATH=/opt/hirelens/bin:$PATH
WORKDIR /src

# The libraries alone, so that a change of our own code does not fetch them again.
COPY pyproject.toml ./
RUN if [ -n "$TORCH_INDEX_URL" ]; then pip install --index-url "$TORCH_INDEX_URL" "torch>=2.4"; fi \
    && touch README.md LICENSE NOTICE \
    && pip install ".[server]"

COPY README.md LICENSE NOTICE ./
COPY hirelens hirelens
COPY worker worker
COPY enrich enrich
COPY search search
COPY labels labels
RUN pip install --no-deps --force-reinstall ".[server]" && pip check

FROM python:3.11-slim-trixie
# jemalloc: with glibc's allocator a worker grows over long runs (`hirelens doctor` says so).
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libjemalloc2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/hirelens --create-home hirelens
COPY --from=build /opt/hirelens /opt/hirelens
ENV PATH=/opt/hirelens/bin:$PATH \
    LD_PRELOAD=libjemalloc.so.2 \
    HIRELENS_HOME=/var/lib/hirelens \
    HOME=/tmp \
    HF_HUB_OFFLINE=1 \
    TOKENIZERS_PARALLELISM=false
USER 10001:10001
WORKDIR /var/lib/hirelens
ENTRYPOINT ["hirelens"]
CMD ["--help"]
