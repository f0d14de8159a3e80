# SPDX-License-Identifier: MIT
"""A small disk under a server's folder, that can be filled up and freed again. The server must be stopped when it is put
there and when it is taken away."""

import os
import shutil
import subprocess

import als

ROOM_MIB = 512  # beside what is there
KEPT_KIB = 256  # of room, when it is "full"


class SmallDisk:
    def __init__(self, folder):
        self.folder = folder
        self.backing = als.STATE / f"disk-{folder.name}"
        self.filler = folder / "filler"

    def __enter__(self):
        """The folder as it is, on a tmpfs."""
        shutil.rmtree(self.backing, ignore_errors=True)
        self.backing.mkdir()
        used = int(subprocess.run(["du", "-sm", str(self.folder)], capture_output=True, check=True).stdout.split()[0])
        _run("mount", "-t", "tmpfs", "-o", f"size={used + ROOM_MIB}m", "tmpfs", self.backing)
        _run("cp", "-a", f"{self.folder}/.", self.backing)
        _run("mount", "--bind", self.backing, self.folder)
        owner = os.stat(self.backing)
        os.chown(self.folder, owner.st_uid, owner.st_gid)
        return self

    def fill(self):
        room = shutil.disk_usage(self.folder).free - KEPT_KIB * 1024
        _run("fallocate", "-l", room, self.filler)

    def free(self):
        self.filler.unlink()

    def __exit__(self, *_failure):
        """What was written meanwhile goes back to where the folder was."""
        self.filler.unlink(missing_ok=True)
        _run("umount", "--lazy", self.folder)
        for name in os.listdir(self.folder):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        _run("cp", "-a", f"{self.backing}/.", self.folder)
        _run("umount", "--lazy", self.backing)


def _run(*command):
    subprocess.run([str(word) for word in command], check=True)
