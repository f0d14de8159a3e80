# SPDX-License-Identifier: MIT
"""What is written for Docker, checked without Docker: its form, its settings, its packages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import als
import programs

COMPOSE = als.ROOT / "docker-compose.yml"
DOCKERFILE = als.ROOT / "deploy/docker/Dockerfile"
IGNORE = als.ROOT / "deploy/docker/Dockerfile.dockerignore"
TOOLS = Path(sys.executable).parent


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)


def services():
    """Our own services of the compose file: {name: service}."""
    everything = YAML(typ="safe").load(COMPOSE)["services"]
    return {name: service for name, service in everything.items() if name in ("gateway", "processor", "indexer")}


def instructions(stage):
    """The instructions of one stage of the Dockerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M).replace("\\\n", " ")
    return re.split(r"^FROM ", text, flags=re.M)[stage].splitlines()[1:]


def installed_by(stage):
    lines = " ".join(instructions(stage))
    return set(re.search(r"--no-install-recommends\s+([^&]+)", lines)[1].split())


def image_environment():
    return dict(line.removeprefix("ENV ").split("=", 1) for line in instructions(-1) if line.startswith("ENV "))


def test_the_compose_file_follows_the_compose_specification():
    done = run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile():
    done = run(TOOLS / "hadolint", DOCKERFILE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_image_has_a_version_and_every_service_a_limit_a_restart_policy_and_a_health_check():
    for name, service in YAML(typ="safe").load(COMPOSE)["services"].items():
        assert re.search(r":\w", service["image"]) and not service["image"].endswith(":latest"), name
        assert {"mem_limit", "restart", "healthcheck"} <= service.keys(), name


def test_every_port_is_published_on_loopback_alone():
    for name, service in YAML(typ="safe").load(COMPOSE)["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_image_runs_as_an_ordinary_user():
    users = [line.split()[1] for line in instructions(-1) if line.startswith("USER ")]
    assert users and users[-1].split(":")[0] not in ("root", "0")


@pytest.mark.parametrize("name", ["gateway", "processor", "indexer"])
def test_every_variable_of_the_image_and_of_compose_is_a_setting_of_the_program(name):
    known = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", programs.run(name, "--help").stdout))
    given = set(services()[name]["environment"]) | set(image_environment())
    assert given <= known


@pytest.mark.parametrize("name", ["gateway", "processor", "indexer"])
def test_the_program_accepts_the_settings_of_compose(name):
    settings = {**image_environment(), **services()[name]["environment"]}
    done = programs.run(name, "--check-config", **settings)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["gateway", "processor", "indexer"])
def test_compose_asks_the_port_that_the_program_listens_on(name):
    service = services()[name]
    listens = service["environment"].get("STATUS_PORT", "3000")
    assert service["healthcheck"]["test"] == ["CMD", "als-ready", listens]


def test_the_health_check_tells_ready_from_away():
    port = als.URL.rsplit(":", 1)[1]
    assert run(als.ROOT / "deploy/docker/ready", port).returncode == 0
    assert run(als.ROOT / "deploy/docker/ready", str(programs.free_port())).returncode != 0


def packages_of(files):
    """The Debian packages that brought these libraries; Debian knows some under /usr, some without."""
    names = {file: {file, str(Path(file).resolve()), str(Path(file).resolve()).removeprefix("/usr")} for file in files}
    found = run("dpkg-query", "-S", *set().union(*names.values())).stdout
    owners = {path: package for package, path in re.findall(r"^([^:\n]+)\S*: (/.*)$", found, flags=re.M)}
    packages = {file: {owners[name] for name in names[file] if name in owners} for file in files}
    assert all(packages.values()), f"nobody owns {[file for file in files if not packages[file]]}"
    return set().union(*packages.values())


def closure(packages):
    """The packages and all that they depend on, as installed here."""
    rows = run("dpkg-query", "-W", "-f", "${Package}\t${Depends}, ${Pre-Depends}\n").stdout.splitlines()
    depends = {row.split("\t")[0]: re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9.+-]+)", row.split("\t")[1]) for row in rows}
    found, waiting = set(), list(packages)
    while waiting:
        name = waiting.pop()
        if name not in found and name in depends:
            found.add(name)
            waiting += depends[name]
    return found


def libraries(name, directly=False):
    """Paths of the shared libraries that a program loads, or of those it is linked with itself."""
    program = programs.path(name)
    loaded = dict(re.findall(r"(\S+) => (/\S+)", run("ldd", program).stdout))
    if directly:
        wanted = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", program).stdout)
        return {loaded[soname] for soname in wanted if soname in loaded}
    return set(loaded.values())


def test_the_image_has_the_packages_of_the_libraries_that_the_programs_need_and_the_time_zones():
    if "libasan" in "".join(libraries("gateway")):
        pytest.skip("sanitizers are not for images")
    essential = run("dpkg-query", "-W", "-f", "${Package} ${Essential}\n").stdout
    base = closure(re.findall(r"(\S+) yes\n", essential))
    names = ("gateway", "processor", "indexer")
    direct = packages_of(set().union(*(libraries(name, directly=True) for name in names)))
    loaded = packages_of(set().union(*(libraries(name) for name in names)))
    assert installed_by(-1) | base == direct | base | {"tzdata"}
    assert loaded <= closure(installed_by(-1)) | base


def test_the_build_context_has_all_that_cmake_asks_for(tmp_path):
    for line in IGNORE.read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            source, target = als.ROOT / line[1:], tmp_path / line[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    done = run("cmake", "--preset", "release", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_build_stage_installs_only_what_dev_installs_too():
    script = (als.ROOT / "deploy/local/packages.sh").read_text(encoding="utf-8")
    known = set(re.search(r"packages_up=\(([^)]*)\)", script)[1].split())
    assert installed_by(1) - known <= {"libc6-dev"}
