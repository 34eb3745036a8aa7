"""What embedders rely on holds under pyright as it does under mypy."""

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "typing" / "embedding.py"


def test_pyright_agrees() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(PAGE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors" in done.stdout
