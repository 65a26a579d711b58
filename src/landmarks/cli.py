"""``landmarks [--log FILE] STEP [OPTIONS]``: one subcommand a step, named as its rule.

Only the wanted step is imported: loading torch for every call would cost seconds a job.
"""

import ast
import importlib
import logging
import os
import resource
import sys
import time
import traceback
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from landmarks import __version__, steps
from landmarks.errors import LandmarksError, name_fault

logger = logging.getLogger("landmarks")

ENVIRONMENT = {"GOMP_SPINCOUNT": "1000", "THP_MEM_ALLOC_ENABLE": "1"}
"""What PyTorch reads when it is loaded, unless the user has set it. OpenMP's threads look that often for more work
before they sleep; by default they look for some milliseconds: on cores that others use as well, the next product of
small matrices then waits for that long, and a training ten times. Large tensors lie in huge pages where Linux offers
them, which the processor finds sooner: a twentieth of the time of a training at the paper's size."""

USAGE = "Usage: landmarks [--log FILE] STEP [OPTIONS]; `landmarks STEP --help` shows the options of a step."


def find_steps() -> dict[str, Path]:
    """Return the subcommands, by name, with the file of each."""
    folder = Path(steps.__path__[0])
    files = sorted(file for file in folder.glob("*.py") if file.stem != "__init__")
    return {file.stem.replace("_", "-"): file for file in files}


def list_steps(known: dict[str, Path]) -> None:
    """Print every subcommand with the first line of its docstring."""
    table = Table(title=f"landmarks {__version__}", title_justify="left", box=None)
    table.add_column("step", style="bold", no_wrap=True)
    table.add_column("what it does")
    for name, file in known.items():
        table.add_row(name, (ast.get_docstring(ast.parse(file.read_text())) or "").split("\n")[0])
    console = Console()
    console.print(USAGE, highlight=False)
    console.print(table)


def start_log(file: Path | None) -> None:
    """Send messages to standard error; where `file` is given, all go there and only warnings to standard error."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(file, mode="w"))
        # A line an epoch would tear the progress bar of a terminal.
        handlers[0].setLevel(logging.WARNING)
    logger.handlers.clear()
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for handler in handlers[1:]:
        logging.getLogger("py.warnings").addHandler(handler)


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux, getrusage also counts what the process held that started this one.
        kib = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kib) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def log_usage(started: float) -> None:
    """Log how long the step took and the most memory it held, by which mem_mb and runtime of its rule are judged."""
    logger.info("took %.1f s, held %.0f MB at most", time.monotonic() - started, peak_mb())


def main(arguments: list[str] | None = None) -> None:
    """Run one step; a mistake of the user's ends with status 1 and a message, no traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    log = None
    if words[:1] == ["--log"] and len(words) > 1:
        log, words = Path(words[1]), words[2:]
    known = find_steps()
    if not words or words[0] in ("-h", "--help"):
        list_steps(known)
        return
    if words[0] == "--version":
        typer.echo(__version__)
        return
    if words[0] not in known:
        typer.echo(f"Error: {words[0]!r} is no step of landmarks.\nHint: `landmarks --help` lists them.", err=True)
        raise SystemExit(2)
    start_log(log)
    started = time.monotonic()
    # Only steps load PyTorch.
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        module = importlib.import_module(f"landmarks.steps.{known[words[0]].stem}")
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(name=words[0], help=module.__doc__)(module.main)
        app(args=words[1:], prog_name=f"landmarks {words[0]}", standalone_mode=True)
    except SystemExit as end:
        if log is not None and not end.code:
            log_usage(started)
        raise
    except (LandmarksError, OSError, MemoryError) as error:
        logger.error("Error: %s", name_fault(error))
        raise SystemExit(1) from None
    except Exception:
        # A defect of ours: the log must hold the traceback, since a cluster job's terminal is gone.
        logger.error("%s", traceback.format_exc())
        raise SystemExit(70) from None
