"""The command ``hirelens``: verbs are loaded only when they are called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from hirelens.errors import explain
from hirelens.texts import examples

# verb: (module below hirelens.commands, one line for the list of verbs)
VERBS: dict[str, tuple[str, str]] = {
    "put": ("put", "Write posts and index them."),
    "delete": ("delete", "Close posts."),
    "enrich": ("enrich", "Print what is read in posts; store nothing."),
    "check": ("check", "Tell what a poster should know before publishing."),
    "search": ("search", "Answer a query."),
    "run": ("run", "Answer a file of queries as a TREC run."),
    "intent": ("intent", "Tell what a query asks for."),
    "rewrite": ("rewrite", "Tell what a query is called otherwise."),
    "explain": ("explain", "Show everything known of a post."),
    "worker": ("worker", "Index posts as they are written, from a broker's queues."),
    "relay": ("relay", "Wake workers for posts that wait."),
    "reconcile": ("reconcile", "Compare index and database, ask for what differs."),
    "reenrich": ("reenrich", "Read posts again under the active recipe."),
    "recipe": ("recipe", "List, activate, roll back and compare recipes."),
    "recover": ("recover", "Bring back what a restored database has lost."),
    "index": (
        "index",
        "Generations of the Elasticsearch index: create, fill, check, switch, drop.",
    ),
    "dead": ("dead", "Posts that were given up: list, show, replay, close."),
    "rejects": ("rejects", "Refused messages: list, show, replay, close."),
    "searchlog": ("searchlog", "What answers left: figures by channel, records, removal."),
    "stats": ("stats", "Tell what waits, what failed and what is stored."),
    "tidy": ("tidy", "Remove what has ended long ago."),
    "site": ("site", "A site's own synonyms, stop words, employers and rewrites."),
    "train": ("train", "Train models."),
    "label": ("label", "Label posts without judges."),
    "evaluate": ("evaluate", "Measure against judged sets."),
    "taxonomy": ("taxonomy", "Report, check and compile the taxonomy."),
    "init": ("init", "Make a home and its settings file."),
    "doctor": ("doctor", "Check that everything is in order."),
    "schema": ("schema", "Print the JSON schemas of posts and enrichments."),
    "demo": ("demo", "Show plain search beside hirelens search."),
}
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a verb's module when the verb is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a verb."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"hirelens.commands.{VERBS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest verb when one is mistyped."""
        import difflib

        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; see 'hirelens --help'"
            ctx.fail(f"there is no verb {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs from the table, without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a verb; foreseeable mistakes become one sentence and exit status 1."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted; what was written stays, the same command goes on", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            told = explain(error)
            if told is None:
                raise
            raise click.ClickException(told) from error


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "hirelens demo", "hirelens init", "hirelens put posts.jsonl", "hirelens search 服务员"
    ),
)
@click.version_option(package_name="hirelens", prog_name="hirelens")
def cli() -> None:
    """Read job posts for what they really offer, and search them by it."""


def main() -> None:
    """Run the command line."""
    cli.main(prog_name="hirelens")
