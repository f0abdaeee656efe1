"""What people pay for."""

from django.conf import settings
from django.db import models

from accounts.constants import (
    PAYMENT_KEY_MAX_LENGTH,
    PLAN_SLUG_MAX_LENGTH,
    BillingCycle,
    PaymentMethod,
    PaymentStatus,
    SubscriptionStatus,
)
from ogc.db.fields import BaseUnitsField, ExactCharField
from ogc.db.models import PublicModel


class Plan(PublicModel):
    """A plan that a user is on; edited by admins, seeded from product.md.

    Weights are basis points (10000 = 1.0), fiat prices are cents of USD; `rate_factor` multiplies
    RATE_DEFAULT.
    """

    slug = models.SlugField(max_length=PLAN_SLUG_MAX_LENGTH, unique=True)
    name = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1, editable=False)
    monthly_price_cents = models.PositiveIntegerField(default=0)
    yearly_price_cents = models.PositiveIntegerField(default=0)
    monthly_price_base_units = BaseUnitsField(default=0)
    vote_weight_bps = models.PositiveIntegerField(default=10_000)
    contribution_bps = models.PositiveIntegerField(default=10_000)
    premium = models.BooleanField(default=False, help_text="May enter premium challenges")
    staking = models.BooleanField(default=False, help_text="May stake")
    rate_factor = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0, help_text="Higher plans include the lower ones")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rate_factor__gte=1), name="accounts_plan_rate_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(monthly_price_base_units__gte=0), name="accounts_plan_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Subscription(PublicModel):
    """One stretch of a user on a paid plan.

    `live_key` is the user's public id while the subscription counts (active, trialing, past_due) and null
    after: a plain unique column, so that nobody has two at once on any database.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    status = models.CharField(max_length=10, choices=SubscriptionStatus.choices)
    billing_cycle = models.CharField(max_length=8, choices=BillingCycle.choices)
    method = models.CharField(max_length=8, choices=PaymentMethod.choices)
    current_period_start_at = models.DateTimeField()
    current_period_end_at = models.DateTimeField()
    cancel_at_period_end = models.BooleanField(default=False)
    provider_ref = ExactCharField(max_length=255, blank=True, default="")
    live_key = ExactCharField(max_length=36, null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "current_period_end_at"], name="accounts_subscription_due")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.status}"


class Payment(PublicModel):
    """One payment for one period of a subscription; `source_key` names the period and makes it single."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(max_length=8, choices=PaymentMethod.choices)
    status = models.CharField(max_length=10, choices=PaymentStatus.choices)
    amount_cents = models.PositiveIntegerField(null=True, blank=True)
    amount_base_units = BaseUnitsField(null=True, blank=True)
    source_key = ExactCharField(max_length=PAYMENT_KEY_MAX_LENGTH, unique=True)
    provider_ref = ExactCharField(max_length=255, blank=True, default="")
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_cents__isnull=False) | models.Q(amount_base_units__isnull=False),
                name="accounts_payment_has_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.source_key
