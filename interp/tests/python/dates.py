"""The types of the module datetime: arithmetic, text, zones, subclasses, errors."""
import copy
import pickle
import warnings
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo


def show(text):
    try:
        print(text, "->", repr(eval(text)))
    except Exception as error:
        print(text, "->", type(error).__name__, error)


print(MINYEAR, MAXYEAR, UTC is timezone.utc)

# Durations.
for text in """
timedelta(), timedelta(1), timedelta(-1, 2, 3), timedelta(weeks=1, hours=-3, minutes=.5)
timedelta(microseconds=.5), timedelta(microseconds=1.5), timedelta(milliseconds=-1.0005)
timedelta(days=1e30)
timedelta(days=10**9)
timedelta(days='1')
timedelta(1, days=1)
timedelta(lustra=1)
str(timedelta(-1)), str(timedelta(2, 3, 4)), str(timedelta(hours=13))
timedelta(1) + timedelta(hours=36), timedelta(1) - timedelta(2, 5), -timedelta(1, 1), abs(timedelta(-1, 1))
timedelta(1) * 3, 2 * timedelta(hours=7), timedelta(1) * .3, timedelta(1) / 7, timedelta(1) / .7, timedelta(1) // 7
timedelta(10) / timedelta(4), timedelta(10) // timedelta(4), timedelta(10) % timedelta(4), divmod(timedelta(-10), timedelta(4))
timedelta(1) / 0
timedelta.max + timedelta.resolution
timedelta.max.total_seconds(), timedelta.min / 3, timedelta(microseconds=1).total_seconds()
timedelta(1) < timedelta(2), timedelta(1) == timedelta(hours=24), timedelta(1) == 1, bool(timedelta())
timedelta(5, 6, 7).days, timedelta(5, 6, 7).seconds, timedelta(5, 6, 7).microseconds
timedelta(1).__rsub__(timedelta(3)), timedelta(1).__rdivmod__(timedelta(3)), timedelta(1).__rsub__(3)
{timedelta(1): 'a day'}[timedelta(hours=24)]
""".strip().splitlines():
    show(text)

# Dates.
for text in """
date(2024, 2, 29), date(year=1, month=1, day=1), date.max, date.resolution
date(2023, 2, 29)
date(0, 1, 1)
date(1, 13, 1)
date(1)
date(1, 1, 1, 1)
date(2024, 2, 29) + timedelta(366), date(2024, 2, 29) - timedelta(60, 5), date(2024, 3, 1) - date(2024, 2, 1)
date.max + timedelta(1)
date.min - timedelta(1)
date.fromordinal(738945), date(2024, 2, 29).toordinal(), date.fromordinal(1)
date.fromordinal(0)
date(2024, 2, 29).weekday(), date(2024, 2, 29).isoweekday(), date(2024, 2, 29).ctime()
date(2024, 12, 30).isocalendar(), date(2021, 1, 3).isocalendar().week, tuple(date(2020, 12, 31).isocalendar())
date.fromisocalendar(2020, 53, 7), date.fromisocalendar(year=2024, week=1, day=1)
date.fromisocalendar(2021, 53, 1)
date.fromisoformat('2024-02-29'), date.fromisoformat('20240229'), date.fromisoformat('2024-W09-4')
date.fromisoformat('2024-2-29')
date.fromisoformat('2024-02-30')
date.fromisoformat(20240229)
date(2024, 2, 29).replace(year=2020), date(2024, 2, 29).replace(day=1)
date(2024, 2, 29).replace(year=2023)
date(2024, 2, 29).strftime('%d.%m.%Y %j %%'), f'{date(24, 2, 29):%Y|%G|%C|%F}', format(date.max, '')
date(2024, 2, 29) < date(2024, 3, 1), date(2024, 1, 1) == datetime(2024, 1, 1)
date(2024, 2, 29).timetuple()
date.strptime('29/2/2024', '%d/%m/%Y')
""".strip().splitlines():
    show(text)

# Times.
for text in """
time(), time(1), time(1, 2, 3), time(1, 2, 3, 4, fold=1), time(1, tzinfo=UTC), time.max
time(24)
time(0, 0, 0, 10**6)
time(fold=2)
time(tzinfo=1)
time(1, 2, 3, 4).isoformat(), time(1, 2).isoformat('hours'), time(1, 2, 3, 456789).isoformat(timespec='milliseconds')
time(1).isoformat('days')
str(time(1, tzinfo=timezone(-timedelta(hours=3, minutes=30)))), str(time(1, tzinfo=timezone(timedelta(seconds=1))))
time(1) < time(2), time(1, tzinfo=UTC) == time(2, tzinfo=timezone(timedelta(hours=1))), time(1) == time(1, tzinfo=UTC)
time(1) < time(1, tzinfo=UTC)
hash(time(1, tzinfo=UTC)) == hash(time(2, tzinfo=timezone(timedelta(hours=1))))
time.fromisoformat('04:23:01.0004'), time.fromisoformat('T042301'), time.fromisoformat('04:23+01:00'), time.fromisoformat('24:00')
time.fromisoformat('4:23')
time.fromisoformat('24:01')
time(1, 2, 3).replace(minute=5, tzinfo=UTC), time(1, fold=1).replace(hour=2).fold
time(13, 14, 15, 16).strftime('%H.%M.%S.%f|%z|%Z'), time(13, tzinfo=UTC).strftime('%I %p %z %:z %Z')
time.strptime('13:14', '%H:%M')
""".strip().splitlines():
    show(text)

# Moments.
for text in """
datetime(2024, 2, 29), datetime(2024, 2, 29, 1, 2, 3, 4, UTC, fold=1), datetime.max
datetime(2024, 2, 29, 25)
datetime(2024, 2)
datetime(2024, 2, 29) + timedelta(hours=25), timedelta(1) + datetime(2024, 2, 29), datetime(2024, 2, 29) - timedelta(seconds=1)
datetime(2024, 2, 29, 12) - datetime(2024, 1, 1, 13, 0, 0, 1)
datetime(2024, 1, 1, tzinfo=UTC) - datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2)))
datetime(2024, 1, 1) - datetime(2024, 1, 1, tzinfo=UTC)
datetime.max + timedelta(microseconds=1)
datetime(2024, 2, 29, 12) < datetime(2024, 2, 29, 13), datetime(2024, 1, 1, tzinfo=UTC) == datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
datetime(2024, 1, 1) < datetime(2024, 1, 1, tzinfo=UTC)
datetime(2024, 1, 1) == datetime(2024, 1, 1, tzinfo=UTC)
datetime(2024, 2, 29, 1).isoformat(), datetime(2024, 2, 29, 1, tzinfo=UTC).isoformat(' ', 'minutes'), str(datetime(2024, 2, 29, microsecond=5))
datetime(2024, 2, 29).isoformat('\\u2192'), datetime(2024, 2, 29).isoformat(timespec='hours')
datetime(2024, 2, 29).isoformat('ab')
datetime.fromisoformat('2024-02-29'), datetime.fromisoformat('2024-02-29T01:02:03.004+05:30'), datetime.fromisoformat('20240229T0102Z')
datetime.fromisoformat('2024-W09-4 12'), datetime.fromisoformat('2024-12-31T24:00')
datetime.fromisoformat('2024-02-29T')
datetime.fromisoformat('2024-02-29T12:60')
datetime.fromisoformat('2024-02-29T12:00+24:00')
datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(1e9 + .5, tz=UTC), datetime.fromtimestamp(-1.25, UTC)
datetime.fromtimestamp(float('nan'), UTC)
datetime.fromtimestamp(10**20)
datetime.fromtimestamp('0')
datetime(2024, 2, 29, tzinfo=UTC).timestamp(), datetime(2024, 2, 29, 1, tzinfo=timezone(timedelta(hours=1))).timestamp()
datetime.combine(date(2024, 2, 29), time(1, 2, fold=1)), datetime.combine(date.max, time.min, UTC)
datetime.combine(5, time())
datetime(2024, 2, 29, 1).replace(hour=5, tzinfo=UTC), datetime(2024, 2, 29).replace(month=3)
datetime(2024, 2, 29, 12, tzinfo=UTC).astimezone(timezone(timedelta(hours=-5), 'EST'))
datetime(2024, 2, 29, 12, tzinfo=UTC).astimezone(5)
datetime(2024, 2, 29, 1, 2).date(), datetime(2024, 2, 29, 1, 2, tzinfo=UTC).time(), datetime(2024, 2, 29, tzinfo=UTC).timetz()
datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC).strftime('%Y-%m-%dT%H:%M:%S%z %Z %f'), datetime(9, 2, 1).strftime('%Y %y')
datetime.strptime('2024-02-29 01:02:03.5 +0130', '%Y-%m-%d %H:%M:%S.%f %z')
datetime.strptime('29', '%Y')
datetime(2024, 2, 29, 1, tzinfo=timezone(timedelta(hours=2))).utctimetuple()
datetime(2024, 2, 29).timetuple(), datetime(2024, 2, 29).ctime()
datetime(2024, 2, 29, tzinfo=UTC).utcoffset(), datetime(2024, 2, 29, tzinfo=UTC).tzname(), datetime(2024, 2, 29, tzinfo=UTC).dst()
""".strip().splitlines():
    show(text)
local = datetime(2024, 7, 1, 12)
print(datetime.fromtimestamp(local.timestamp()) == local, local.astimezone().replace(tzinfo=None) == local)
print(local.astimezone(UTC) == local.astimezone(), abs(datetime.now() - datetime.now(UTC).astimezone().replace(tzinfo=None)) < timedelta(hours=2))
print(date.today() - datetime.today().date() <= timedelta(1))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    datetime.utcnow(), datetime.utcfromtimestamp(0)
    print([w.category.__name__ for w in caught])

# Zones.
for text in """
timezone(timedelta(hours=1)), timezone(timedelta(hours=1), 'CET'), timezone.utc, timezone.min, timezone(timedelta(0), 'Z')
str(timezone(timedelta(hours=1))), str(timezone(-timedelta(minutes=1, microseconds=5))), str(timezone.utc)
timezone(timedelta(1))
timezone(1)
timezone(timedelta(0)) is timezone.utc, timezone(timedelta(1) / 3) == timezone(timedelta(hours=8)), timezone.utc == UTC
timezone.utc.utcoffset(None), timezone.utc.tzname(None), timezone.utc.dst(None)
timezone.utc.utcoffset(5)
timezone.utc.fromutc(datetime(2024, 1, 1))
tzinfo().utcoffset(None)
tzinfo().fromutc(datetime(2024, 1, 1, tzinfo=UTC))
""".strip().splitlines():
    show(text)


class Summer(tzinfo):
    """An hour ahead from April to September, with the clock's hour shown twice in October."""

    def __init__(self, name="S", result=None):
        self.name, self.result = name, result

    def utcoffset(self, dt):
        return self.result if self.result is not None else timedelta(hours=1) + self.dst(dt)

    def dst(self, dt):
        if dt is None:
            return timedelta(0)
        first, last = datetime(dt.year, 4, 1, 2), datetime(dt.year, 10, 1, 3)
        plain = dt.replace(tzinfo=None)
        if last - timedelta(hours=1) <= plain < last:
            return timedelta(hours=1 - dt.fold)
        return timedelta(hours=first <= plain < last)

    def tzname(self, dt):
        return self.name


zone = Summer("50% S")
for moment in (datetime(2024, 1, 1, 12), datetime(2024, 7, 1, 12), datetime(2024, 10, 1, 2, 30), datetime(2024, 10, 1, 2, 30, fold=1)):
    aware = moment.replace(tzinfo=zone)
    print(aware.isoformat(), aware.fold, aware.timestamp(), aware.strftime("%z %Z"), aware.astimezone(UTC))
    print(aware == aware.astimezone(UTC), hash(aware) == hash(aware.replace(fold=1)), aware.timetuple().tm_isdst)
print(datetime(2024, 7, 1, 12, tzinfo=UTC).astimezone(zone), zone.fromutc(datetime(2024, 1, 1, tzinfo=zone)))
for result in (5, timedelta(1), timedelta(hours=23, minutes=59)):
    bad = datetime(2024, 1, 1, tzinfo=Summer(result=result))
    try:
        print(bad.utcoffset())
    except Exception as error:
        print(type(error).__name__, error)
try:
    datetime(2024, 1, 1, tzinfo=Summer(5)).tzname()
except TypeError as error:
    print(error)


# Subclasses are made by their constructors, with attributes of their own.
class Day(date):
    def __new__(cls, *args, **kwargs):
        print("  new", args, kwargs)
        self = super().__new__(cls, *args, **kwargs)
        self.note = "made"
        return self


class Stamp(datetime):
    pass


class Span(timedelta):
    pass


day = Day(2024, 2, 29)
print(repr(day), str(day), (day + timedelta(1)).note, type(day.replace(year=2020)), type(Day.fromordinal(5)), Day.max == date.max)
print(type(Day.fromisoformat("2024-02-29")), day == date(2024, 2, 29), hash(day) == hash(date(2024, 2, 29)))
stamp = Stamp(2024, 2, 29, 1, tzinfo=UTC, fold=1)
print(repr(stamp), stamp, type(stamp + timedelta(1)), type(stamp.date()), type(Stamp.now(UTC)), type(stamp.astimezone(zone)))
print(stamp.replace(fold=1).fold, Stamp.combine(date.max, time(1, fold=1)).fold, isinstance(stamp, date), type(stamp - stamp))
print(repr(Span(1)), type(Span(1) + Span(1)), type(-Span(1)), Span(1) == timedelta(1))

# Pickling and copying.
values = [timedelta(1, 2, 3), date(2024, 2, 29), time(1, 2, 3, 4, UTC, fold=1), datetime(2024, 2, 29, 1, 2, 3, 4, fold=1),
          datetime(2024, 2, 29, tzinfo=zone), timezone.utc, timezone(timedelta(hours=1), "CET"), stamp, Span(2), day,
          date(2024, 2, 29).isocalendar()]
for value in values:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, protocol))
        if again != value and not getattr(value, "tzinfo", None) is zone:
            print("differs", protocol, value, again)
    print(type(again).__name__, again, getattr(again, "fold", "-"), copy.deepcopy(value) == value)
print(pickle.loads(pickle.dumps(timezone.utc)) is timezone.utc, copy.copy(timezone.utc) is timezone.utc)
print(time(1, fold=1).__reduce__(), time(1, fold=1).__reduce_ex__(4), datetime(2024, 2, 29).__reduce__(), zone.__reduce__()[1:])
print(date(b"\x07\xe8\x02\x1d"), datetime(b"\x07\xe8\x82\x1d\x01\x02\x03\0\0\4").fold, time("\x01\x02\x03\0\0\4"))
for text in """
time(b'\\1\\2\\3\\0\\0\\4', 1)
date(b'1234')
date.max.__replace__(day=5), time(1).__replace__(fold=1), datetime.max.__replace__(year=1)
[a for a in (timedelta, date, time, datetime, tzinfo, timezone) if a.__module__ != 'datetime']
type('T', (timezone,), {})
""".strip().splitlines():
    show(text)

# Loops, for compiled code.
total, when = timedelta(), datetime(2000, 1, 1)
seen = set()
for i in range(300):
    total += timedelta(minutes=i, microseconds=i * i)
    when += timedelta(hours=i)
    seen.add(when.date())
    if when - datetime(2000, 1, 1) < total:
        break
print(total, when.isoformat(), len(seen), when.year, total.days)
