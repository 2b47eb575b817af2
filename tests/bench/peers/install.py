"""Puts a peer's own triggers on a table of the benchmark: install.py DATABASE_URL PEER

Each peer generates its SQL here, from a model of the table, as it would for any program that uses it;
nothing of it is kept in the repository. The table is there already, `bench.<peer>`.
"""

import sys


def django_pghistory(url):
    """A snapshot of the row for each insert, update and delete, with the context of the request."""
    import django
    import psycopg
    from django.conf import settings

    parts = psycopg.conninfo.conninfo_to_dict(url)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts["dbname"],
                "USER": parts.get("user"),
                "PASSWORD": parts.get("password"),
                "HOST": parts.get("host"),
                "PORT": parts.get("port"),
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["pgtrigger", "pghistory", "django_app"],
        USE_TZ=True,
    )
    django.setup()
    import pgtrigger
    from django.core.management import call_command
    from django.db import connection
    from django_app.models import Bench, BenchEvent

    call_command("migrate", "pghistory", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(BenchEvent)
    for model, trigger in pgtrigger.registered():
        if model is Bench:
            trigger.install(model)


def postgresql_audit(url):
    """The old row and the changed values of each row, with the transaction that an application opens."""
    import sqlalchemy as sa
    from postgresql_audit import VersioningManager
    from sqlalchemy.orm import declarative_base

    engine = sa.create_engine(url.replace("postgres://", "postgresql+psycopg://", 1))
    base = declarative_base()
    manager = VersioningManager(schema_name="postgresql_audit")
    manager.init(base)

    class Bench(base):
        __tablename__ = "postgresql_audit"
        __table_args__ = {"schema": "bench"}
        __versioned__ = {}
        id = sa.Column(sa.Integer, primary_key=True)
        title = sa.Column(sa.Text, nullable=False)
        body = sa.Column(sa.Text)
        status = sa.Column(sa.Text, nullable=False)
        price = sa.Column(sa.Numeric(10, 2))
        updated_at = sa.Column(sa.DateTime(timezone=True), nullable=False)

    sa.orm.configure_mappers()
    with engine.begin() as connection:
        base.metadata.create_all(connection)
        connection.execute(sa.text("SELECT postgresql_audit.audit_table('bench.postgresql_audit')"))


PEERS = {"django_pghistory": django_pghistory, "postgresql_audit": postgresql_audit}

if __name__ == "__main__":
    PEERS[sys.argv[2]](sys.argv[1])
