"""The jobs of deliveries: rows are the truth, a job only makes it quick."""

from notifications.models import Delivery
from ogc.jobs import enqueue

QUEUE = "mail"
JOB = "notifications.jobs.delivery_deliver"


def delivery_job_key(pk: int, attempt: int) -> str:
    """Job id of one attempt, counted from 1; asking twice for the same attempt makes one job."""
    return f"delivery-{pk}-a{attempt}"


def delivery_next_key(pk: int) -> str:
    """Job id of the next attempt of a row; for the sweep."""
    attempts = Delivery.objects.filter(pk=pk).values_list("attempts", flat=True).first()
    return delivery_job_key(pk, (attempts or 0) + 1)


def delivery_enqueue(pk: int, attempt: int) -> None:
    """Ask a worker, after the commit, to attempt this delivery; best effort, the sweep is the net."""
    enqueue(JOB, pk, queue=QUEUE, key=delivery_job_key(pk, attempt))
