# \N{...} understands aliases and the names of Tangut, and no others.
import unicodedata

print(ascii("\N{LATIN CAPITAL LETTER GHA}\N{LF}\N{new line}\N{TANGUT IDEOGRAPH-17000}\N{SPACE}\N{LATIN SMALL LETTER A}"))
print(ascii(f"{1}\N{LATIN SMALL LETTER GHA}{2}" "\N{LAO LETTER RO}"))
for name in [
    "TANGUT IDEOGRAPH-187F7", "tangut ideograph-18d00", "TANGUT IDEOGRAPH-187F8", "TANGUT IDEOGRAPH-017000",
    "TANGUT IDEOGRAPH-+1700", "CJK UNIFIED IDEOGRAPH-4E00", "HANGUL SYLLABLE GAG", "YI SYLLABLE ITERATION MARK",
    "LATIN SMALL LETTER-A", "LATINSMALLLETTERA", "TAMIL SYLLABLE SAI", "nothing",
]:
    try:
        print(ascii(unicodedata.lookup(name)), end=" ")
    except KeyError as e:
        print(e, end=" ")
    try:
        print(ascii(eval(rf'"\N{{{name}}}"')))
    except SyntaxError as e:
        print(e)
