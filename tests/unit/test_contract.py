"""What a canonical table may not say of itself."""

import pytest
import yaml

from models.contract import load_table
from models.errors import ConfigError

TABLE = {"description": "d", "grain": "g", "domain": "mes", "key": ["a"]}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ({"form": "[1-7]+", "example": "Mon"}, "example 'Mon' has not the form"),
        ({"form": "[1-7]{2}", "example": "12"}, "the form has braces"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path, column, words):
    path = tmp_path / "mes_thing.yml"
    columns = {"a": {"type": "code", "description": "d"} | column}
    path.write_text(yaml.safe_dump(TABLE | {"columns": columns}), "utf-8")
    with pytest.raises(ConfigError, match=r"mes_thing.yml is not a valid canonical table") as e:
        load_table(path)
    assert words in str(e.value)


def test_a_key_must_be_a_column(tmp_path):
    path = tmp_path / "mes_thing.yml"
    columns = {"b": {"type": "code", "description": "d", "form": "[1-7]+", "example": "12"}}
    path.write_text(yaml.safe_dump(TABLE | {"columns": columns}), "utf-8")
    with pytest.raises(ConfigError, match="'a' is named as key or money_date but is no column"):
        load_table(path)
    path.write_text(yaml.safe_dump(TABLE | {"key": ["b"], "columns": columns}), "utf-8")
    assert load_table(path).columns["b"].example == "12"
