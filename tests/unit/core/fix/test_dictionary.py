"""The dictionary says what FIX 4.4 says, and its text can be made anew."""

import re

import pytest
from unit.core.fix.fixing import standard

from stockex.adapters.fix_dictionary import compact
from stockex.core.fix.dictionary import Dictionary
from stockex.core.fix.times import nanos_of, stamp
from stockex.errors import ConfigurationError

XML = """<fix type='FIX' major='4' minor='4'><header><field name='MsgType' required='Y'/></header>
<messages><message name='Order' msgtype='D' msgcat='app'><field name='Side' required='Y'/>
<component name='Parties' required='N'/><component name='Instrument' required='Y'/></message></messages>
<trailer><field name='CheckSum' required='Y'/></trailer>
<components><component name='Parties'><group name='NoParties' required='N'><field name='Party' required='Y'/>
</group></component><component name='Instrument'><field name='Symbol' required='Y'/></component></components>
<fields><field number='54' name='Side' type='CHAR'><value enum='1' description='BUY'/></field>
<field number='10' name='CheckSum' type='STRING'/><field number='35' name='MsgType' type='STRING'/>
<field number='55' name='Symbol' type='STRING'/><field number='453' name='NoParties' type='NUMINGROUP'/>
<field number='448' name='Party' type='STRING'/></fields></fix>"""


def test_all_of_the_standard_is_there() -> None:
    """93 messages, 912 fields, the session's seven messages and XMLnonFIX administrative."""
    dictionary = standard()
    assert (len(dictionary.messages), len(dictionary.fields)) == (93, 912)
    admin = {message.msg_type for message in dictionary.messages.values() if message.is_admin}
    assert admin == set("012345An")
    assert dictionary.fields[54].meanings["5"] == "SELL_SHORT"


def test_what_must_be_there_follows_components() -> None:
    """A member of an optional component need not be there, one of a required component must."""
    dictionary = Dictionary.from_text(compact(XML))
    assert dictionary.messages["D"].body.must == (54, 55)
    assert dictionary.messages["D"].body.groups[453].must == (448,)


def test_each_data_field_has_its_length() -> None:
    """Length and data come in pairs."""
    assert standard().lengths[96] == 95
    assert standard().lengths[89] == 93
    assert len(standard().lengths) == 16


def test_every_listed_value_has_the_form_of_its_type() -> None:
    """No enumeration holds what the type itself would refuse."""
    for field in standard().fields.values():
        assert all(field.is_formatted.fullmatch(value) for value in field.meanings), field.name
        assert re.compile(field.pattern).fullmatch("") is None, field.name
        assert field.kind == "DATA" or re.compile(field.pattern).fullmatch("1\x01") is None, field.name


def test_what_is_no_dictionary_is_named() -> None:
    """A file of another kind is a setting that cannot be used."""
    with pytest.raises(ConfigurationError, match="dictionary"):
        compact("<fix")
    with pytest.raises(ConfigurationError, match="no <fields>"):
        compact("<fix/>")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("19700101-00:00:00", 0),
        ("20000229-23:59:59.999", 951_868_799_999_000_000),
        ("19691231-23:59:59", -1_000_000_000),
        ("20261125-18:45:00.123456", 1_795_632_300_123_456_000),
        ("21000301-00:00:00", 4_107_542_400_000_000_000),
    ],
)
def test_times_are_those_of_the_calendar(text: str, at: int) -> None:
    """Both ways, with as many decimals as asked for."""
    assert nanos_of(text) == at
    assert stamp(at, digits=len(text.partition(".")[2])) == text


def test_a_day_of_every_month_comes_back() -> None:
    """Four hundred years, day by day in steps of 27."""
    for day in range(0, 146_097, 27):
        assert nanos_of(stamp(day * 86_400 * 10**9)) == day * 86_400 * 10**9
