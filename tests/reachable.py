"""python -m tests.reachable DATABASE_URL REDIS_URL: do both answer? Says on one line which does not."""

import sys

import environ
import psycopg
import redis


def silent(database_url: str, redis_url: str) -> list[str]:
    """The names of the services that do not answer within two seconds."""
    missing = []
    config = environ.Env.db_url_config(database_url)
    try:
        psycopg.connect(
            host=config["HOST"],
            port=config["PORT"] or 5432,
            user=config["USER"],
            password=config["PASSWORD"],
            dbname="postgres",
            connect_timeout=2,
        ).close()
    except psycopg.OperationalError:
        missing.append("PostgreSQL")
    try:
        redis.Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=2).ping()
    except redis.RedisError:
        missing.append("Redis")
    return missing


if __name__ == "__main__":
    missing = silent(*sys.argv[1:3])
    if missing:
        sys.stdout.write(f"{' and '.join(missing)}: no answer\n")
    sys.exit(bool(missing))
