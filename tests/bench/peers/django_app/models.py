"""The table of the benchmark as a program would declare it: a snapshot for each change."""

import pghistory
from django.db import models


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(row=pghistory.New),
    pghistory.DeleteEvent(),
    model_name="BenchEvent",
    meta={"db_table": 'bench"."django_pghistory_log'},
)
class Bench(models.Model):
    id = models.IntegerField(primary_key=True)
    title = models.TextField()
    body = models.TextField(null=True)
    status = models.TextField()
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = 'bench"."django_pghistory'
