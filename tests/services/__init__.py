"""Real servers for tests, each in a folder of its own.

`with PostgreSQL() as server:` starts one, `server.url` says where it is, and leaving the block
ends it and removes its data. See `services.base.Server` for what all of them can do.
"""

from services.base import Missing, Server, ServerError
from services.elastic import Elasticsearch, elasticsearch_pair
from services.mariadb import MariaDB
from services.postgresql import PostgreSQL
from services.rabbitmq import RabbitMQ
from services.redis import Redis

__all__ = [
    "Elasticsearch",
    "MariaDB",
    "Missing",
    "PostgreSQL",
    "RabbitMQ",
    "Redis",
    "Server",
    "ServerError",
    "elasticsearch_pair",
]
