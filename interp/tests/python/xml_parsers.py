# pyexpat's events, their places and errors.
import pyexpat

HANDLERS = """StartElement EndElement ProcessingInstruction CharacterData UnparsedEntityDecl NotationDecl
    StartNamespaceDecl EndNamespaceDecl Comment StartCdataSection EndCdataSection Default NotStandalone
    ExternalEntityRef StartDoctypeDecl EndDoctypeDecl EntityDecl XmlDecl ElementDecl AttlistDecl
    SkippedEntity""".split()


def parse(document, *pieces, skip=(), external={}, setup=lambda p: None, **options):
    print("---", document)
    parser = pyexpat.ParserCreate(**options)
    setup(parser)

    def watch(parser, depth):
        for name in HANDLERS:
            if name in skip:
                continue

            def handler(*args, name=name):
                place = parser.CurrentByteIndex, parser.CurrentLineNumber, parser.CurrentColumnNumber
                print("  " * depth, name, args, place)
                if name == "ExternalEntityRef" and args[2] in external:
                    child = parser.ExternalEntityParserCreate(args[0])
                    watch(child, depth + 1)
                    child.Parse(external[args[2]], True)
                return 1
            setattr(parser, name + "Handler", handler)

    watch(parser, 1)
    try:
        for piece in [document, *pieces[:-1]]:
            parser.Parse(piece, False)
        print(parser.Parse(pieces[-1] if pieces else b"", True))
    except pyexpat.ExpatError as error:
        print(error, error.code, error.lineno, error.offset, parser.ErrorByteIndex)
    except Exception as error:
        print(type(error).__name__, error)


parse(b"""<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<!DOCTYPE r SYSTEM "r.dtd" [
 <!ELEMENT r (a?, (b|c)+)*><!ELEMENT a (#PCDATA|b)*>
 <!ATTLIST r x CDATA "dflt" y (p|q) #IMPLIED z NMTOKENS #FIXED " m  n ">
 <!NOTATION n PUBLIC "-//N"> <!ENTITY e "v&#65;<b/>"> <!ENTITY u SYSTEM "u.gif" NDATA n>
 <!ENTITY g SYSTEM "g.xml"> %pe;
]>
<r y="q">\xe9&e;<![CDATA[1]2]]>&g;&lost;<?pi data?><!-- c --></r>
""", external={"g.xml": b"<?xml encoding='utf-8'?>in<b/>"}, skip=("Default",))
parse(b'<!DOCTYPE r SYSTEM "r.dtd"><r>&later;</r>', skip=("Default", "SkippedEntity"),
      setup=lambda p: p.SetParamEntityParsing(pyexpat.XML_PARAM_ENTITY_PARSING_ALWAYS),
      external={"r.dtd": b'<![INCLUDE[<!ENTITY % v "w">]]><![IGNORE[<]]><!ENTITY later "1%v;2">'})
parse(b'<p:r xmlns:p="urn:p" xmlns="urn:d" p:k="1" k="2"><x/><p:y xmlns=""/></p:r>', namespace_separator=" ",
      skip=("Default",))
parse(b"<r>", b"te", b"xt<", b"a", b" b='1", b"'/", b">]", b"]", b"</r>", skip=("Default",))
parse("<r>\u20ac\U0001f600</r>".encode("utf-16"), skip=("Default",))
parse("<\u00e9t\u00e9>caf\u00e9</\u00e9t\u00e9>", skip=("Default",))
parse('<?xml version="1.0" encoding="koi8-r"?><r>\u0434</r>'.encode("koi8-r"), skip=("Default",))
parse(b"<!DOCTYPE r [<!ENTITY e 'x'>]>\n<r a='1'>&e;\r\n</r>", skip=("StartElement", "CharacterData"))

for wrong in [b"", b"<r>", b"<r></s>", b"<r/><s/>", b"<r a='1' a='2'/>", b"<r a=1/>", b"<r>&x;</r>", b"<r>&#0;</r>",
              b"<r>\xff</r>", b"<r>\xc3", b"<r><![CDATA[", b"<r>]]></r>", b"<r><!-- -- --></r>", b"<r", b"<r><?xml?></r>",
              b"\n<?xml version='1.0'?><r/>", b"<?xml version='1.0' encoding='utf-16'?><r/>", b"<!DOCTYPE r [<!ELEMENT r (a,b|c)>]><r/>",
              b"<!DOCTYPE r [<!ENTITY e '&e;'>]><r>&e;</r>", b"<!DOCTYPE r PUBLIC '{}' 'x'><r/>", b"<?xml version='1.0' standalone='x'?><r/>",
              b"<?xml version='1.0' encoding='nonsense'?><r/>", b"<!DOCTYPE r [<!ENTITY % p 'x'><!ENTITY e '%p;'>]><r/>"]:
    parse(wrong, skip=HANDLERS)
for wrong in [b"<p:r/>", b"<r xmlns:p=''/>", b"<r xmlns:xml='u'/>", b"<r xmlns:a='u' xmlns:b='u' a:k='' b:k=''/>", b"<a:b:c/>"]:
    parse(wrong, skip=HANDLERS, namespace_separator="!")

laughs = "<!DOCTYPE r [<!ENTITY a0 'ha'>%s]><r>&a7;</r>" % "".join(
    f"<!ENTITY a{i + 1} '{f'&a{i};' * 20}'>" for i in range(7))
parser = pyexpat.ParserCreate()
parser.SetBillionLaughsAttackProtectionActivationThreshold(10000)
try:
    parser.Parse(laughs, True)
except pyexpat.ExpatError as error:
    print(error)

# Text is collected, but not across other events; names are the same objects.
texts, names = [], []
parser = pyexpat.ParserCreate()
parser.buffer_text = True
parser.ordered_attributes = True
parser.CharacterDataHandler = texts.append
parser.StartElementHandler = lambda name, attributes: names.append((name, attributes))
parser.Parse("<r>1&amp;2\n3<r a='1' b='2'/>4<!-- -->5</r>", True)
print(texts, names, names[0][0] is names[1][0], parser.buffer_used, parser.buffer_size)


class Stop(Exception):
    pass


def stop(name, attributes):
    raise Stop(name)


parser = pyexpat.ParserCreate()
parser.StartElementHandler = stop
try:
    parser.Parse("<a><b/></a>", True)
except Stop as error:
    print(repr(error), parser.StartElementHandler)
for name, value in [("buffer_size", 0), ("buffer_size", "x"), ("buffer_used", 1), ("nothing", 1)]:
    try:
        setattr(parser, name, value)
    except Exception as error:
        print(type(error).__name__, error)
