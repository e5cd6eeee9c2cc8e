"""`kvarn correct`: the parameters of a correction."""

from __future__ import annotations

from kvarn.cli._app import Params, app, out, shown


@app.command(epilog="Example: `kvarn correct params/2023.yml`")
def correct(params: Params) -> None:
    """Begin a correction of an edition that is out: parameters for an edition of its own, with the notice left to be written.

    They are those of the version that readers find in front. What is out stays as it is.
    """
    from kvarn.pipeline.correcting import begin_correction

    made = begin_correction(params)
    out.print(f"The parameters: {shown(made.path)}", highlight=False, markup=False)
    for key, line in made.empty:
        out.print(f"  fill in line {line}: {key}", highlight=False, markup=False)
    out.print(f"Put right what was wrong; then: kvarn publish {shown(made.path)}", highlight=False, markup=False)
