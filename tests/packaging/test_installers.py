"""The scripts that make installers: one version, files that are there, licences, what is left out. Nothing is built."""

from __future__ import annotations

import importlib.metadata
import os
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from lstm_studio.version import __version__

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


@pytest.fixture(autouse=True)
def _packaging_on_path(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))


def test_the_version_stands_in_one_place():
    import bundle

    assert bundle.version() == __version__
    files = [path for path in PACKAGING.rglob("*") if path.suffix not in {".pyc", ".txt", ".md"} and path.is_file()]
    files += [ROOT / "pyproject.toml", ROOT / "setup.py", *(ROOT / ".github").rglob("*.yml")]
    pattern = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])")
    assert [path for path in files if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_who_publishes_stands_in_one_place(monkeypatch):
    import publisher

    files = [path for path in PACKAGING.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".md"}]
    files = [path for path in files if "licenses" not in path.parts and path.name != "publisher.py"]
    for path in files:
        text = path.read_text(encoding="utf-8")
        for value in (publisher.NAME, publisher.EMAIL, publisher.APP_ID, publisher.bundle_id()):
            assert value not in text, (path, value)
    publisher.check()
    monkeypatch.setattr(publisher, "NAME", "李 & Sons")
    monkeypatch.setattr(publisher, "HOMEPAGE", "https://example.org/studio")
    monkeypatch.setattr(publisher, "APP_ID", "org.my_place.Studio")
    assert publisher.bundle_id() == "org.my-place.Studio"
    assert not {"HOMEPAGE", "APP_ID"} & set(publisher.unset())
    template = (PACKAGING / "linux" / "metainfo.xml").read_text("utf-8")
    data = publisher.fill(template, {"VERSION": "1", "DATE": "d"}, xml=True)
    component = ElementTree.fromstring(data.encode())
    assert component.findtext("developer/name") == "李 & Sons"
    assert component.findtext("url") == "https://example.org/studio"
    assert component.find("developer").get("id") == "org.my_place"
    monkeypatch.setattr(publisher, "HOMEPAGE", "")
    control = (PACKAGING / "linux" / "control").read_text("utf-8")
    words = dict.fromkeys(("VERSION", "ARCHITECTURE", "SIZE", "DEPENDS", "RECOMMENDS"), "x")
    assert "Homepage" not in publisher.fill(control, words)
    with pytest.raises(publisher.PublisherError, match="@VERSION@"):
        publisher.fill(control, {})
    for name, bad in (("HOMEPAGE", "example.org"), ("EMAIL", "nobody"), ("APP_ID", "org.my-place.Studio")):
        with monkeypatch.context() as patch:
            patch.setattr(publisher, name, bad)
            with pytest.raises(publisher.PublisherError, match=name):
                publisher.check()


def test_the_spec_and_the_sources_of_installers_name_files_that_exist():
    for script in (PACKAGING / "windows" / "lstm-studio.iss", PACKAGING / "macos" / "make_dmg.sh"):
        text = script.read_text(encoding="utf-8")
        for name in re.findall(r"(?:\{#Root\}\\|\$here/|compiler:Default\.isl,)([\w./\\-]+)", text):
            if name.startswith(("build", "dist")):  # made on the way
                continue
            base = ROOT if "{#Root}" in text and name == "LICENSE" else script.parent
            assert (base / name.replace("\\", "/")).exists(), (script.name, name)
    icons = (PACKAGING / "icons.py").read_text(encoding="utf-8")
    assert "app.ico" in icons
    assert "app.icns" in icons
    spec = (PACKAGING / "lstm_studio.spec").read_text(encoding="utf-8")
    compile(spec, "lstm_studio.spec", "exec")
    assert 'program("LSTM Studio", False)' in spec  # what the Inno script starts


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize("name", ["macos/make_dmg.sh", "linux/run.sh", "linux/add-to-menu.sh"])
def test_shell_scripts_can_be_parsed(name):
    assert subprocess.run(["bash", "-n", PACKAGING / name]).returncode == 0


def test_inno_sections_and_braces_are_sound():
    text = (PACKAGING / "windows" / "lstm-studio.iss").read_text(encoding="utf-8")
    sections = re.findall(r"^\[(\w+)\]$", text, re.MULTILINE)
    assert len(sections) == len(set(sections))
    assert {"Setup", "Files", "Icons", "Run", "Code"} <= set(sections)
    begins = len(re.findall(r"^\s*begin\b", text, re.MULTILINE))
    assert begins == len(re.findall(r"^\s*end;", text, re.MULTILINE))
    translated = (PACKAGING / "windows" / "chinese.isl").read_bytes()
    assert translated.startswith(b"\xef\xbb\xbf")


def test_entitlements_are_a_property_list():
    values = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert values["com.apple.security.cs.disable-library-validation"] is True


def test_the_workflow_builds_all_three_with_the_commands_of_dev():
    yaml = pytest.importorskip("yaml")
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "build.yml").read_text(encoding="utf-8"))["jobs"]
    assert {job["runs-on"].split("-")[0] for job in jobs.values()} == {"ubuntu", "windows", "macos"}
    import dev

    told = [step["run"] for job in jobs.values() for step in job["steps"] if "dev.py" in step.get("run", "")]
    assert len(told) == 5
    options = (PACKAGING / "bundle.py").read_text(encoding="utf-8")
    for line in told:
        command, *rest = line.partition("dev.py ")[2].split()
        assert command in dev.COMMANDS
        if command == "package":
            assert all(f'"{word}"' in options for word in rest)


def test_desktop_file_types_and_appstream_agree():
    linux = PACKAGING / "linux"
    entry = (linux / "lstm-studio.desktop").read_text(encoding="utf-8")
    types = re.search(r"^MimeType=(.*);$", entry, re.MULTILINE).group(1).split(";")
    component = ElementTree.parse(linux / "metainfo.xml").getroot()
    assert [node.text for node in component.iter("mediatype")] == types
    assert component.findtext("launchable") == "lstm-studio.desktop"
    known = ElementTree.parse(linux / "lstm-studio-mime.xml").getroot()
    declared = [
        node.get("type") for node in known.iter("{http://www.freedesktop.org/standards/shared-mime-info}mime-type")
    ]
    assert set(declared) <= set(types)
    ends = {node.get("pattern").removeprefix("*") for node in known.iter() if node.tag.endswith("}glob")}
    ends |= {".csv", ".tsv"}
    windows = (PACKAGING / "windows" / "lstm-studio.iss").read_text(encoding="utf-8")
    assert set(re.findall(r'SupportedTypes".*ValueName: "(\.\w+)"', windows)) == ends
    spec = (PACKAGING / "lstm_studio.spec").read_text(encoding="utf-8")
    listed = re.search(r'"CFBundleTypeExtensions": \[(.*)\]', spec).group(1)
    assert {f".{name}" for name in re.findall(r'"(\w+)"', listed)} == ends
    if shutil.which("desktop-file-validate"):
        checked = subprocess.run(
            ["desktop-file-validate", linux / "lstm-studio.desktop"], capture_output=True, text=True
        )
        assert checked.returncode == 0, checked.stdout
        assert checked.stdout == ""


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/protoc", False),
        ("torch/bin/test_api", False),
        ("torch/test/atest", False),
        ("torch/_dynamo/config.py", True),
        ("torch/nn/modules/rnn.py", True),
        ("torch/_inductor/codecache.py", False),
        ("pyarrow/libarrow_flight.so.2600", False),
        ("pyarrow\\arrow_flight.dll", False),
        ("pyarrow/libarrow_python.so.2600", True),
        ("pyarrow/libarrow_python.so.2600.1.0", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("lstm_studio/assets/icons/app.svg", True),
        ("python3.11/lib-dynload/readline.cpython-311-x86_64-linux-gnu.so", False),
    ],
)
def test_what_the_bundle_does_without(path, kept):
    import trim

    assert trim.keeps_file(path) is kept


def test_a_link_goes_with_what_it_leads_to():
    import trim

    files = [("Qt/lib/libQt6Gui.so.6", "/there/libQt6Gui.so.6", "BINARY")]
    links = [
        ("libQt6Gui.so.6", "Qt/lib/libQt6Gui.so.6", "SYMLINK"),
        ("Qt/libQt6Gui.so", "../libQt6Gui.so.6", "SYMLINK"),
        ("Qt/libQt6Qml.so", "../libQt6Qml.so.6", "SYMLINK"),
        ("libQt6Qml.so.6", "Qt/lib/libQt6Qml.so.6", "SYMLINK"),
        ("Resources", "Qt", "SYMLINK"),
        ("a.txt", "/there/a.txt", "DATA"),
    ]
    assert trim.links_kept(links, files) == [*links[:2], *links[4:]]


@pytest.mark.skipif(shutil.which("objdump") is None or sys.platform != "linux", reason="ELF only")
def test_folders_of_the_builder_leave_the_libraries(tmp_path):
    import elf

    base = Path(importlib.util.find_spec("PySide6").origin).parent / "Qt" / "lib"
    own = shutil.copy(base / "libQt6Svg.so.6", tmp_path)
    foreign = tmp_path / "libforeign.so"
    data = Path(own).read_bytes()
    (path,) = elf.search_paths(data)
    assert path.startswith("$ORIGIN")
    foreign.write_bytes(data.replace(path.encode() + b"\0", b"/home/b".ljust(len(path), b"/") + b"\0"))
    assert elf.search_paths(foreign.read_bytes())[0].startswith("/home/b")
    (tmp_path / "no.so").write_bytes(b"none")
    assert elf.drop_search_paths(tmp_path) == [foreign]
    assert elf.search_paths(foreign.read_bytes()) == []
    assert Path(own).read_bytes() == data
    told = subprocess.run(["objdump", "-p", foreign], capture_output=True, text=True).stdout
    assert "PATH" not in told.partition("Version")[0].partition("Dynamic Section")[2]
    assert "libQt6Gui.so.6" in told


def test_modules_for_development_stay_out_and_dependencies_do_not():
    import trim

    out = trim.not_ours()
    assert {"pytest", "PyInstaller"} <= set(out)
    assert not {
        "torch",
        "numpy",
        "PySide6",
        "nltk",
        "joblib",
        "pydantic_core",
        "rjieba",
        "optuna",
        "lstm_studio",
    } & set(out)
    assert trim.keeps_module("torch.testing._internal.common_dtype")
    assert not trim.keeps_module("torch.testing._internal.common_utils")


@pytest.mark.parametrize(
    ("licence", "only"),
    [
        ("MIT", False),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", False),
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0", True),
        ("GPL-2.0-only OR GPL-3.0-only", True),
        ("MIT AND GPL-2.0", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Lesser General Public License v3", False),
        ("Apache-2.0 AND MIT", False),
        ("", False),
    ],
)
def test_the_gpl_alone_is_seen(licence, only):
    import notices

    assert notices.only_gpl(licence) is only


def test_notices_name_each_part_once_and_with_its_text(tmp_path):
    import notices
    import numpy
    import PySide6.QtCore
    import rjieba
    import tomli_w

    parts = notices.parts_of([numpy.__file__, PySide6.QtCore.__file__, rjieba.__file__, tomli_w.__file__])
    assert [notices.normal(part.name) for part in parts] == [
        "python",
        "numpy",
        "pyside6-essentials",
        "rjieba",
        "tomli-w",
    ]
    notices.write(parts, tmp_path / "NOTICES.txt", "9.9.9")
    text = (tmp_path / "NOTICES.txt").read_text(encoding="utf-8")
    assert f"numpy {numpy.__version__}" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "separate shared libraries" in text
    assert "Sun Junyi" in text
    assert importlib.metadata.version("PySide6-Essentials") in text


def test_pages_of_the_handbook_bring_the_licences_of_what_made_them():
    pytest.importorskip("furo")
    import notices

    parts = {notices.normal(part.name): part for part in notices.parts_of([ROOT / "resources/help/en/index.html"])}
    assert set(notices.HANDBOOK) <= set(parts)
    assert any("gumshoe" in words for _, words in parts["furo"].texts)  # its script holds another's


def test_a_frozen_program_gives_the_paths_of_the_system_back(monkeypatch):
    import entry

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lstm-studio/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/home/me/lib")
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "")
    entry.give_paths_back()
    assert os.environ["PYINSTALLER_RESET_ENVIRONMENT"] == "1", "or the program could not start itself again"
    assert os.environ["LD_LIBRARY_PATH"] == "/home/me/lib"
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lstm-studio/_internal")
    entry.give_paths_back()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_a_part_without_a_licence_stops_the_build(monkeypatch):
    import notices
    import rjieba

    monkeypatch.setattr(notices, "TEXTS_BESIDE", {})
    with pytest.raises(notices.NoticeError, match="rjieba"):
        notices.parts_of([rjieba.__file__])


def test_icons_of_windows_and_macos_hold_their_pictures():
    import icons

    pictures = {size: b"\x89PNG" + bytes([size % 251]) * size for size in icons.SIZES}
    windows = icons.ico({size: pictures[size] for size in icons.ICO})
    assert struct.unpack("<HHH", windows[:6]) == (0, 1, len(icons.ICO))
    for number, size in enumerate(icons.ICO):
        entry = struct.unpack("<BBBBHHII", windows[6 + 16 * number : 22 + 16 * number])
        assert windows[entry[7] : entry[7] + entry[6]] == pictures[size]
        assert entry[0] == size % 256
    mac = icons.icns(pictures)
    assert struct.unpack(">4sI", mac[:8]) == (b"icns", len(mac))


@pytest.mark.skipif(shutil.which("objdump") is None or sys.platform != "linux", reason="ELF only")
def test_dependencies_are_those_of_libraries_that_are_not_brought(tmp_path):
    import linux_packages

    base = Path(importlib.util.find_spec("PySide6").origin).parent / "Qt"
    for part in ("plugins/platforms/libqxcb.so", "lib/libQt6XcbQpa.so.6", "lib/libQt6Core.so.6", "lib/libQt6Gui.so.6"):
        shutil.copy(base / part, tmp_path)
    for name in ("libQt6DBus.so.6", "libicui18n.so.73", "libicuuc.so.73", "libicudata.so.73"):
        for file in (base / "lib").glob(name.split(".so")[0] + ".so*"):
            shutil.copy(file, tmp_path)
    wanted = linux_packages.depends(tmp_path)
    assert re.fullmatch(r"libc6 \(>= 2\.\d+\)", wanted[0])
    assert {"libgl1", "libegl1", "libxkbcommon-x11-0", "libxcb-cursor0", "libglib2.0-0t64 | libglib2.0-0"} <= set(
        wanted
    )


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("sh") is None, reason="shell scripts")
def test_the_portable_program_enters_the_menu_and_leaves_it(tmp_path):
    here = tmp_path / 'my "programs" $1 100%' / "lstm-studio"
    here.mkdir(parents=True)
    shutil.copy(PACKAGING / "linux" / "add-to-menu.sh", here)
    (here / "share" / "applications").mkdir(parents=True)
    shutil.copy(PACKAGING / "linux" / "lstm-studio.desktop", here / "share" / "applications")
    picture = here / "share" / "icons" / "hicolor" / "48x48" / "apps" / "lstm-studio.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"")
    data = tmp_path / "data"
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(data), "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", here / "add-to-menu.sh"], env=environment, check=True)
    entry = (data / "applications" / "lstm-studio.desktop").read_text(encoding="utf-8")
    line = next(line for line in entry.splitlines() if line.startswith("Exec="))
    unescaped = line.removeprefix("Exec=").replace("\\\\", "\\")
    assert unescaped == '"{}" %f'.format(re.sub(r'(["`$\\])', r"\\\1", str(here / "run.sh")).replace("%", "%%"))
    assert (data / "icons" / "hicolor" / "48x48" / "apps" / "lstm-studio.png").exists()
    subprocess.run(["sh", here / "add-to-menu.sh", "--remove"], env=environment, check=True)
    assert list(data.rglob("*")) == []
    (data / "applications").mkdir()
    (data / "applications" / "other.desktop").write_text("", encoding="utf-8")
    subprocess.run(["sh", here / "add-to-menu.sh", "--remove"], env=environment, check=True)  # a second time
    assert (data / "applications" / "other.desktop").exists()


@pytest.fixture
def small_bundle(tmp_path, monkeypatch) -> Path:
    """A bundle in name only."""
    import linux_packages

    monkeypatch.setattr(linux_packages, "BUILD", tmp_path / "build")
    folder = tmp_path / "lstm-studio"
    (folder / "_internal").mkdir(parents=True)
    (folder / "lstm-studio").write_text("#!/bin/sh\necho started $*\n", encoding="utf-8")
    (folder / "lstm-studio").chmod(0o755)
    (folder / "_internal" / "part.py").write_text("", encoding="utf-8")
    return folder


@pytest.mark.skipif(shutil.which("dpkg-deb") is None or shutil.which("objdump") is None, reason="Debian only")
def test_the_package_holds_what_a_desktop_needs(small_bundle, tmp_path):
    import linux_packages
    import publisher

    file = linux_packages.deb(small_bundle, tmp_path, "1.2.3")
    listed = subprocess.run(["dpkg-deb", "--contents", file], capture_output=True, text=True).stdout
    assert "root/root" in listed
    for place in (
        "./opt/lstm-studio/lstm-studio",
        "./usr/bin/lstm-studio -> /opt/lstm-studio/lstm-studio",
        "./usr/share/applications/lstm-studio.desktop",
        "./usr/share/icons/hicolor/scalable/apps/lstm-studio.svg",
        "./usr/share/mime/packages/lstm-studio.xml",
        f"./usr/share/metainfo/{publisher.APP_ID}.metainfo.xml",
        "./usr/share/doc/lstm-studio/copyright",
    ):
        assert place in listed
    fields = subprocess.run(["dpkg-deb", "--field", file], capture_output=True, text=True).stdout
    assert "Version: 1.2.3" in fields
    assert "@" not in fields.replace(publisher.EMAIL, "")
    subprocess.run(["dpkg-deb", "--extract", file, tmp_path / "out"], check=True)
    if shutil.which("appstreamcli"):
        data = tmp_path / "out" / "usr" / "share" / "metainfo" / f"{publisher.APP_ID}.metainfo.xml"
        checked = subprocess.run(["appstreamcli", "validate", "--no-net", data], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="made on Linux")
def test_the_archive_runs_from_a_folder_with_spaces(small_bundle, tmp_path):
    import linux_packages

    file = linux_packages.portable(small_bundle, tmp_path, "1.2.3")
    place = tmp_path / "程序 folder"
    place.mkdir()
    subprocess.run(["tar", "-xf", file, "-C", place], check=True)
    (folder,) = place.iterdir()
    assert folder.name.startswith("lstm-studio-1.2.3-linux-")
    said = subprocess.run([folder / "run.sh", "a b"], capture_output=True, text=True)
    assert said.stdout == "started a b\n"
