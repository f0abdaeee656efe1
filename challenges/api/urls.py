"""Paths of challenges, relative to /api/v1/."""

from django.urls import URLPattern, path

from challenges.api.views import challenges, staff, standing, submissions

urlpatterns: list[URLPattern] = [
    path("challenges", challenges.ChallengesView.as_view()),
    path("challenges/categories", challenges.CategoriesView.as_view()),
    path("challenges/judging", submissions.JudgingView.as_view()),
    path("challenges/<str:key>", challenges.ChallengeView.as_view()),
    path("challenges/<str:key>/timeline", challenges.TimelineView.as_view()),
    path("challenges/<str:key>/enter", challenges.EnterView.as_view()),
    path("challenges/<str:key>/submissions", challenges.ChallengeSubmissionsView.as_view()),
    path("challenges/<str:key>/leaderboard", challenges.LeaderboardView.as_view()),
    path("challenges/<str:key>/results", challenges.ResultsView.as_view()),
    path("challenges/<str:key>/publish", staff.PublishView.as_view()),
    path("challenges/<str:key>/open", staff.OpenView.as_view()),
    path("challenges/<str:key>/close", staff.CloseView.as_view()),
    path("challenges/<str:key>/cancel", staff.CancelView.as_view()),
    path("challenges/<str:key>/archive", staff.ArchiveView.as_view()),
    path("challenges/<str:key>/judges", staff.JudgesView.as_view()),
    path("challenges/<str:key>/finalize", staff.FinalizeView.as_view()),
    path("challenges/<str:key>/reopen", staff.ReopenView.as_view()),
    path("challenges/<str:key>/distribute", staff.DistributeView.as_view()),
    path("challenges/<str:key>/assign-badges", staff.AssignBadgesView.as_view()),
    path("submissions", submissions.SubmissionsView.as_view()),
    path("submissions/mine", submissions.MySubmissionsView.as_view()),
    path("submissions/pending", submissions.PendingSubmissionsView.as_view()),
    path("submissions/<str:submission_id>", submissions.SubmissionView.as_view()),
    path("submissions/<str:submission_id>/withdraw", submissions.WithdrawView.as_view()),
    path("submissions/<str:submission_id>/vote", submissions.VoteView.as_view()),
    path("submissions/<str:submission_id>/score", submissions.ScoreView.as_view()),
    path("submissions/<str:submission_id>/approve", submissions.ApproveView.as_view()),
    path("submissions/<str:submission_id>/reject", submissions.RejectView.as_view()),
    path("badges", standing.BadgesView.as_view()),
    path("badges/mine", standing.MyBadgesView.as_view()),
    path("contributions", standing.ContributionsView.as_view()),
    path("contributions/stats", standing.ContributionStatsView.as_view()),
    path("admin/challenges", staff.AdminChallengesView.as_view()),
]
