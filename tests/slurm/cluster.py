"""A SLURM cluster of one node on 127.0.0.1, for as long as tests run: munged, slurmctld and slurmd of its own.

Needs root, Debian's packages `slurm-wlm` and `munge`, and no SLURM that is set up already: jobs find their cluster by
/etc/slurm/slurm.conf alone, which is a link to the test's for the time.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

CONFIG = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel")
CPUS, MEMORY_MB = 4, 8_000
"""Of the node, whatever the machine has: of short jobs most is the start of Snakemake, on one core."""
WAIT_S = 30
"""Seconds in which a daemon starts, or something is wrong."""

SLURM = """ClusterName=landmarks
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_min_interval=0,sched_interval=1,batch_sched_delay=0
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
MinJobAge=3600
OverTimeLimit=0
KillWait=5
ReturnToService=2
MpiDefault=none
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

# A GPU by name alone, no device behind it: enough to see which jobs ask for one.
GRES = "Name=gpu File=/dev/null\n"


def missing() -> str | None:
    """Return why there can be no cluster here, or nothing."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"SLURM is not installed: no {', '.join(absent)} (apt-get install slurm-wlm munge)"
    if os.geteuid() != 0:
        return "slurmd starts other users' jobs: it needs root"
    if CONFIG.exists() and not (CONFIG.is_symlink() and stopped(CONFIG.resolve().parent)):
        return f"{CONFIG} is of a cluster that is set up already, or of tests that run beside these"
    return None


def stopped(folder: Path) -> bool:
    """Return whether the cluster of a folder has ended, killed perhaps."""
    pid = folder / "munge.pid"
    return not pid.exists() or not psutil.pid_exists(int(pid.read_text(encoding="utf-8")))


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(ready: Iterator[bool], what: str) -> None:
    """Look at `ready` until it is true."""
    end = time.monotonic() + WAIT_S
    while not next(ready):
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not start in {WAIT_S} s")
        time.sleep(0.2)


def answers(*command: str, expected: str = "") -> Iterator[bool]:
    """Yield, again and again, whether a command succeeds and prints what is expected."""
    while True:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        yield done.returncode == 0 and expected in done.stdout


def go_first() -> None:
    """Let a cluster's jobs go before what other tests run meanwhile: of theirs, SLURM counts the minutes."""
    with suppress(PermissionError):
        os.nice(-10)


@contextmanager
def run_cluster(folder: Path) -> Iterator[None]:
    """Run a cluster whose files are in `folder`, and end its daemons by their own process ids."""
    # Munge trusts no folder that others may write.
    folder.mkdir(parents=True, mode=0o755)
    for part in ("state", "spool"):
        (folder / part).mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    host, ports = socket.gethostname().split(".")[0], (free_port(), free_port())
    written = SLURM.format(folder=folder, host=host, ports=ports, cpus=CPUS, memory=MEMORY_MB)
    (folder / "slurm.conf").write_text(written, encoding="utf-8")
    (folder / "gres.conf").write_text(GRES, encoding="utf-8")
    CONFIG.parent.mkdir(parents=True, exist_ok=True)
    CONFIG.unlink(missing_ok=True)
    CONFIG.symlink_to(folder / "slurm.conf")
    files = {"socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed", "key-file": "key"}
    munged = ["munged", "--foreground", *(f"--{name}={folder}/munge.{end}" for name, end in files.items())]
    # Beside the file they are given, not beside the link to it, daemons find gres.conf.
    own = ["-f", str(folder / "slurm.conf")]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for command, ready in (
            (munged, answers("munge", "--no-input", f"--socket={folder}/munge.socket")),
            (["slurmctld", "-D", "-c", *own], answers("scontrol", "ping", expected="UP")),
            (["slurmd", "-D", *own], answers("sinfo", "--noheader", "--format=%T", expected="idle")),
        ):
            log = (folder / f"{command[0]}.out").open("wb")
            started.append(subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=go_first))
            wait_for(ready, command[0])
        yield
    finally:
        subprocess.run(["scancel", "--user=root"], check=False, capture_output=True)
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=WAIT_S)
        CONFIG.unlink(missing_ok=True)
