"""The migrations make the tables that the models describe, no more and no less."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState
from django.utils import translation

from dingmi.records.ledger.tables import CreateTables, Whole


def test_no_model_has_changed_since_the_last_migration() -> None:
    loader = MigrationLoader(None)
    with translation.override(None):
        described = ProjectState.from_apps(apps)
        changes = MigrationAutodetector(loader.project_state(), described).changes(graph=loader.graph)
    assert not changes, {name: [m.operations for m in made] for name, made in changes.items()}


def test_tables_made_in_one_step_are_all_there_and_what_was_drawn_before_is_forgotten() -> None:
    tables = [CreateModel(name, [("id", models.BigAutoField(primary_key=True))]) for name in ("First", "Second")]
    step, state, made = CreateTables(tables), ProjectState(), []
    assert not step.reversible and step.describe() == "Create 2 tables"
    assert list(state.apps.get_models()) == []
    step.state_forwards("ledger", state)
    assert {model.__name__ for model in state.apps.get_models()} == {"First", "Second"}

    class Editor:
        class connection:
            alias = "default"

        def create_model(self, model: Any) -> None:
            made.append(model.__name__)

    step.database_forwards("ledger", Editor(), ProjectState(), state)
    assert made == ["First", "Second"]


def test_every_migration_is_made_and_kept_as_made_in_one_transaction() -> None:
    every = [
        one for one in MigrationLoader(None).disk_migrations.values() if type(one).__module__.startswith("dingmi.")
    ]
    assert len(every) > 30, "each bears the base of ours: an index or a constraint left for last would be a second one"
    assert [str(one) for one in every if not isinstance(one, Whole) or not one.atomic] == []
