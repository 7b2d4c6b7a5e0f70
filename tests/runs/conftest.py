from tests.runs.fixtures import copied_run, reviews, trained  # noqa: F401
