"""Who takes part: entries of people, and teams."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.constants import BPS, EntryStatus, TeamMemberStatus
from challenges.models.challenge import Challenge
from ogc import clock
from ogc.db.models import PublicModel


class Team(PublicModel):
    """People who take part together; its leader enters and submits for it."""

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    leader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="teams_led")
    split_locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "name"], name="challenges_team_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A person's place in a team; `share_bps` is null while the split is the default, equal one."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="team_memberships"
    )
    status = models.CharField(
        max_length=8, choices=TeamMemberStatus.choices, default=TeamMemberStatus.INVITED
    )
    share_bps = models.PositiveIntegerField(null=True)
    accepted_split_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="challenges_teammember_once"),
            models.CheckConstraint(
                condition=Q(share_bps__isnull=True) | Q(share_bps__lte=BPS),
                name="challenges_teammember_share_bps",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Entry(PublicModel):
    """One person's (or team leader's) part in a challenge.

    Leaving keeps the row, entering again revives it.
    """

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="entries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="challenge_entries"
    )
    team = models.OneToOneField(Team, on_delete=models.PROTECT, related_name="entry", null=True)
    status = models.CharField(max_length=8, choices=EntryStatus.choices, default=EntryStatus.ACTIVE)
    entered_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["challenge", "user"], name="challenges_entry_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="challenges_entry_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.challenge_id}"
