# What was written to a file that nobody closed is there for whoever reads the file next.
import os
import subprocess
import tempfile

folder = tempfile.mkdtemp()
os.chdir(folder)


def write(name, text):
    open(name, "w").write(text)


write("read", "text")
print(open("read").read())
write("bytes", "text")
print(open("bytes", "rb").read())
write("size", "text")
print(os.path.getsize("size"), os.stat("size").st_size)
write("twice", "a longer text")
write("twice", "short")
print(open("twice").read())
write("renamed", "text")
os.rename("renamed", "new name")
print(open("new name").read())
write("child", "text\n")
print(subprocess.run(["cat", "child"], capture_output=True).stdout)
write("shell", "text\n")
print(os.popen("cat shell").read())
open("raw", "wb").write(b"bytes")
print(os.path.getsize("raw"))
open("appended", "a").write("first ")
open("appended", "a").write("second")
print(open("appended").read())
write("module_of_test.py", "value = 5\n")
import sys
sys.path.insert(0, folder)
import module_of_test
print(module_of_test.value)
os.chdir("/")
for name in os.listdir(folder):
    path = os.path.join(folder, name)
    if os.path.isfile(path):
        os.remove(path)
