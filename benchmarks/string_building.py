"""Building text: joins, concatenation, io.StringIO, replace, translate, HTML and CSV by hand."""
import io
import sys

DEFAULT = 2000


def table(rows):
    out = ["<table>"]
    for row in rows:
        out.append("<tr>" + "".join("<td>" + str(cell) + "</td>" for cell in row) + "</tr>")
    out.append("</table>")
    return "\n".join(out)


def csv(rows):
    text = ""
    for row in rows:
        for i, cell in enumerate(row):
            if i:
                text += ","
            cell = str(cell)
            if "," in cell or '"' in cell:
                cell = '"' + cell.replace('"', '""') + '"'
            text += cell
        text += "\r\n"
    return text


def buffered(rows):
    out = io.StringIO()
    for row in rows:
        out.write("|")
        for cell in row:
            out.write(str(cell).rjust(12))
            out.write("|")
        out.write("\n")
    return out.getvalue()


SHIFT = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")


def checksum(text):
    total = 0
    for i, line in enumerate(text.splitlines()):
        total = (total * 31 + len(line) * (i + 1) + ord(line[len(line) // 2])) % 1000003
    return total


def main(n):
    rows = [(i, f"name {i}", i * 1.25, 'a "quoted", cell' if i % 3 else "plain", i % 2 == 0) for i in range(100)]
    results = []
    for _ in range(n):
        text = table(rows)
        results = [checksum(text), checksum(csv(rows)), checksum(buffered(rows)),
                   checksum(text.translate(SHIFT)), checksum(text.upper().replace("TD", "span").title())]
    print(*results)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
