"""Keys of plugins in the wrong block: at the top of a sheet, or among the details of a token."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ways import api

REST = "plugins: {job: {hierarchy: job, mapping: '/jobs/{JOB}'}}"


@pytest.mark.parametrize(
    "line, help",
    [
        ("global: {syntax: 2}", "Did you mean 'globals'?"),
        ("syntax: 2", "Write it under globals: for all plugins, or in a plugin."),
        ("path: true", "Write it under globals: for all plugins, or in a plugin."),
    ],
)
def test_a_key_at_the_top_of_a_sheet_has_no_effect_and_the_help_says_where_it_belongs(
    write_sheet: Callable[..., str], line: str, help: str
) -> None:
    [finding] = api.check(write_sheet(f"{line}\n{REST}\n"))
    assert (finding.code, finding.level, finding.help) == ("unknown-key", "warning", help)
    assert finding.message.endswith("which has no effect at the top of a sheet")


TOML = """
[plugins.job]
hierarchy = "job"
%s
[plugins.job.mapping_details.JOB]
parse = {regex = "[a-z]+"}
%s
"""
ABOVE = "write it above the table of the token's details, which takes all keys that follow."


@pytest.mark.parametrize("key, value", [("path", "true"), ("uses", "[]"), ("platforms", '"linux"'), ("max_folder", '"/jobs"')])
def test_a_key_that_follows_the_table_of_a_token_belongs_to_the_plugin(write_sheet: Callable[..., str], key: str, value: str) -> None:
    path = write_sheet(TOML % ("mapping = '/jobs/{JOB}'", f"{key} = {value}"), "a.toml")
    [finding] = api.check(path)
    assert (finding.code, finding.source.line, finding.help) == ("unknown-key", 7, f"{key!r} is a key of the plugin: {ABOVE}")


def test_a_mapping_that_follows_the_table_of_a_token_is_told_as_the_cause_of_unused_details(write_sheet: Callable[..., str]) -> None:
    [finding] = api.check(write_sheet(TOML % ("", "mapping = '/jobs/{JOB}'"), "a.toml"))
    assert (finding.code, finding.help) == ("unused-details", f"Is the 'mapping' meant for the plugin, which has none? Then {ABOVE}")


def test_keys_that_follow_the_table_of_all_details_are_no_tokens(write_sheet: Callable[..., str]) -> None:
    text = "[plugins.job]\nhierarchy = 'job'\n[plugins.job.mapping_details]\nJOB = {}\nuses = ['show']\n"
    assert [finding.help for finding in api.check(write_sheet(text, "a.toml"))] == [f"'uses' is a key of the plugin: {ABOVE}"]


def test_a_key_that_is_indented_too_deep_belongs_to_the_plugin(write_sheet: Callable[..., str]) -> None:
    path = write_sheet(
        "plugins:\n  job:\n    hierarchy: job\n    mapping: '/jobs/{JOB}'\n    mapping_details:\n"
        "      JOB:\n        parse: {regex: '[a-z]+'}\n        path: true\n        id: 7\n        casing: lower\n"
    )
    [finding] = api.check(path)
    assert (finding.source.line, finding.help) == (8, "'path' is a key of the plugin: indent it as 'mapping_details' is.")
