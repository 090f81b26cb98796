"""The names of the ``datetime`` accelerator, over the implementation in Python."""

from _pydatetime import (
    MAXYEAR,
    MINYEAR,
    UTC,
    date,
    datetime,
    time,
    timedelta,
    timezone,
    tzinfo,
)
