from ogc.local import settings_reference


def test_env_example_lists_every_setting_with_its_default() -> None:
    assert settings_reference.ENV_EXAMPLE.read_text() == settings_reference.env_example(), "run make settings"


def test_readme_table_lists_every_setting_with_its_default() -> None:
    readme = settings_reference.README.read_text()

    assert settings_reference.with_table(readme) == readme, "run make settings"


def test_every_setting_is_found_and_described() -> None:
    found = list(settings_reference.settings())

    assert {setting.name for setting in found} == set(settings_reference.Environment.model_fields)
    assert [setting.name for setting in found if not setting.description or not setting.section] == []
