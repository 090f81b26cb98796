# What builds on pyexpat: ElementTree's trees, its parser that is pulled, and its errors.
import io
import xml.etree.ElementTree as ET

root = ET.fromstring("<r xmlns:n='urn:n'><a k='v'>t<b/>tail</a><n:c>&lt;&#233;</n:c><!-- no --></r>")
print(ET.tostring(root), ET.tostring(root, "unicode"), [e.tag for e in root.iter()])
print(root.find("a/b").tail, root.findtext("{urn:n}c"), len(root.findall("./a[@k='v']")), ET.canonicalize("<a  b='1' a='2'/>"))
pull = ET.XMLPullParser(["start", "end", "start-ns"])
pull.feed("<r xmlns='u'><a")
print([(event, getattr(e, "tag", e)) for event, e in pull.read_events()])
pull.feed("/></r>")
pull.close()
print([(event, getattr(e, "tag", e)) for event, e in pull.read_events()])
try:
    ET.fromstring("<r>\n<a></r>")
except ET.ParseError as error:
    print(error, error.code, error.position)
for event, e in ET.iterparse(io.BytesIO(b"<r><a/><b>x</b></r>"), ["end"]):
    print(event, e.tag, e.text)

element = ET.fromstring("<a b='1' c='2'/>")
print(element.items(), element.keys())
