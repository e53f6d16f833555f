"""List words that are also the keys of a Vietnamese syllable, but more likely meant as words.

The lists were made from words in use.  `searchidx.language.keystrokes` decided which of them
are the keys of a syllable (``meets`` types ``mết``, ``status`` types nothing).  Two groups are
left out: words that nobody searches for in a Vietnamese report, and words whose syllable is
much more common (``hoof`` types ``hồ``, ``hair`` types ``hải``).
"""

from __future__ import annotations

from typing import Final

# Foreign words, names and codes.  Their syllable is hardly a word (``tã``), or is rarer than
# the foreign word in 18 million syllables of law and encyclopedia.
_FOREIGN: Final = """
    air arm bar bays beets best bets bias bins boom booms boon born bows box burn chaos char
    charm cheer chest chose chosen cons coops corn cost cows cuts dawn dawns days deem deems
    deer dens dense dips dir docs does donor doom dooms door dose dots down downs dust ems
    ex gangs gaps gas gasp gis gist goons gown gums guns gust guts hana hangs harm has her
    here hex hips his hits hoax honor hoops hops horn hose host hots how if imf inf ips is
    isp keen keeps kits lair laos lays leer lens lest lets loaf loans looms loons loos loots
    los lose lust mans maps meets meme mere mes misa momo moons most nana noon noons nor
    norm nums of oops or ore os owns oxi pair par past pats pee peeps peer pens per pest
    pets pharm photos pieces pins poops poor pos post puts quasi queue quits reef res reset
    reuse roof room rooms roots rows rums runs sas says seem seems seen seeps seer sees
    sense sir soar sofa sons soon sos sworn tax taxi teens tens tense term test tex thee
    themes therm thorn those tips toast tons tops torn tots town towns tree trees trips
    troops trust turn ups us usa veer visa vows war was wax won worm worn a1 a2 a3 a4 a5 co2
    e1 e10 e2 e5 no2 u17
"""

# Foreign words whose syllable is a common word too.  In a query that is known to be raw
# keystrokes, the syllable is more likely: ``cow`` (cơ), ``its`` (ít), ``this`` (thí), ``car``
# (cả).
_OFTEN_FOREIGN: Final = """
    as asap bangs bans bats bee beef been beeps beer bees bits boo boong boost boots bow bus
    cans caps car cast cats chair chef chins chips chops cow cups dad dams ddos deed deeds
    defend did dodo dos eps gif goong hans hats hero its last lats lawn lee lips lisp list
    loops lost lots low mama mast max maxi mets mist mix mono moon must nest nets now own
    queen quest rest row rust see sets sex six songs tee teen theme there these this thus
    too toon toong tow trams vans var vary vast vest wrong xoong
"""

# Words that people number without a space when they write without marks: ``quy1``, ``lop5``.
_NUMBERED: Final = """
    bai ban cap chuong cum doi dot khoa khoan khu ky lan lo loai lop mau muc nam ngay nha
    nhom phan phuong quan quy so tang tap thang thu to toa tuan vong xa xe
"""

FOREIGN: Final = frozenset(_FOREIGN.split())
"""Words that are never converted."""
OFTEN_FOREIGN: Final = frozenset(_OFTEN_FOREIGN.split())
"""Words that are no evidence for raw keystrokes, but are converted beside such evidence."""
NUMBERED: Final = frozenset(_NUMBERED.split())
"""Words that are no evidence for raw keystrokes if a number follows them."""
