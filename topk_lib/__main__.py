"""The command line: `python -m topk_lib COMMAND --help` says what a command takes."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

PROGRAM = "python -m topk_lib"

TRAIN = """\
Train a network with cross-entropy, the top-k loss or another one. Leaves DIR/result.json (settings, versions, a row per
epoch, final top-1, -2, -3 and -5 accuracy on the test images) and DIR/model.pt (the weights).

Until then DIR/checkpoint.pt holds the state of the run. Ctrl-C saves and says how to go on; after a crash, the same
command with --resume goes on. Recipes: fast (5 epochs, the last one counts), paper (the authors' 200 epochs with Adam)
and modern (200 epochs with SGD and weight decay); for the last two the epoch counts that is best in top-1 on the 5 % of
the training images that are held out.
"""
TRAIN_EXAMPLES = """\
examples:
  python -m topk_lib train --dataset synthetic100 --loss ce --out runs/ce
  python -m topk_lib train --dataset cifar10 --loss topk --p-k .5 0 0 0 .5 --out runs/topk
  python -m topk_lib train --dataset cifar100 --download --model resnet18 --recipe paper --out runs/paper \\
      --loss topk --sorter odd_even --distribution logistic_phi --art-lambda .5 --steepness .5 --top1-mode smce
  python -m topk_lib train --config runs/topk/result.json --seed 1 --out runs/topk-1
  python -m topk_lib train --dataset embeddings:FILE --loss topk --m 16 --out runs/head
  torchrun --standalone --nproc-per-node 2 -m topk_lib train --dataset cifar10 --loss ce --out runs/two

With embeddings:FILE, a file that `embed` or the paper's authors wrote, a linear head is trained with Adam: 20 epochs,
batches of 500, learning rate 0.001. There, --recipe paper is what the paper uses on ImageNet: learning rate 10^-4.5
and m = 16 for up to 1000 classes, 10^-4 and m = 50 for more; and unless a sorter is asked for, logistic_phi with
steepness 1 and lambda 0.5.

Processes that torchrun starts train one network on images together, with a GPU each or on the CPU. --batch-size is
that of all of them and must be a multiple of their number. The curve is that of one process, but for networks with
batch normalization (small_cnn, resnet18), which normalize the images of each process by themselves.
"""
DOCTOR = """\
Check that everything the lessons need is there: Python, packages and their versions, the library, JupyterLab's
widgets, the notebooks' kernel. One line each, [ok] or [fix: what to do]; exits with 1 if something has to be fixed.
"""
COMPARE = """\
Train the same network with cross-entropy and with the top-k loss, from the same weights on the same batches.
Prints both results side by side and writes them to DIR, with a figure. On synthetic100, without further
options, this takes about a minute on two cores.

With several seeds, losses, sizes or learning rates, it is a grid: every loss in every condition with every seed, one
record per run in DIR. A learning rate is chosen for each loss alike, on validation images. Runs that have a record
are not done again, so the same command goes on where it stopped, and several at once share the work. The table gives
means with 95 % intervals over the seeds, and differences from cross-entropy paired by seed.
"""
COMPARE_EXAMPLES = """\
examples:
  python -m topk_lib compare --dataset cifar10 --p-k .2 .2 .2 .2 .2 --seeds 5 --jobs 2 --out runs/cifar10
  python -m topk_lib compare --p-k .5 0 0 0 .5 --p-k .2 .2 .2 .2 .2 --sorters bitonic neuralsort --lr .1 .3 --seeds 3
  python -m topk_lib compare --grid grid.toml --jobs 2 --out runs/grid --collect grid.json
"""


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help lists the options)\n")


def build_parser() -> argparse.ArgumentParser:
    """The options of every command."""
    from .experiments import report as report_options
    from .experiments.commands import embed_command, options
    from .experiments.commands.compare_options import add_compare_options

    parser = Parser(prog=PROGRAM, description="Differentiable top-k classification.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    look = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}

    usage = f"{PROGRAM} train --dataset NAME --loss {{ce,topk,...}} --out DIR [more options]"
    train = commands.add_parser(
        "train", help="train one network", usage=usage, description=TRAIN, epilog=TRAIN_EXAMPLES, **look
    )
    options.add_data_options(train)
    options.add_loss_name(train)
    options.add_loss_options(train)
    options.add_training_options(train)
    options.add_settings_option(train)
    options.add_output_options(train)
    options.add_checkpoint_options(train)

    usage = f"{PROGRAM} compare [options]"
    compare = commands.add_parser(
        "compare",
        help="compare losses fairly",
        usage=usage,
        description=COMPARE,
        epilog=COMPARE_EXAMPLES,
        **look,
    )
    add_compare_options(compare)

    usage = f"{PROGRAM} embed (--run DIR | --module PACKAGE.MODULE:NAME) --dataset NAME --out FILE [more options]"
    embed = commands.add_parser(
        "embed",
        help=embed_command.SUMMARY,
        usage=usage,
        description=embed_command.DESCRIPTION,
        epilog=embed_command.EXAMPLES,
        **look,
    )
    embed_command.add_embed_options(embed)

    usage = f"{PROGRAM} report [options]"
    report = commands.add_parser(
        "report", help="from records to tables", usage=usage, description=report_options.DESCRIPTION, **look
    )
    report_options.add_report_options(report)

    usage = f"{PROGRAM} doctor"
    commands.add_parser("doctor", help="check that the lessons can run here", usage=usage, description=DOCTOR, **look)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: as typed after the program's name; those of this process if None.

    Returns:
        The exit code: 0; 1 if the training failed or a page is stale; 2 if the input cannot be used; 130 if it was
        interrupted, 143 if it was asked to end by SIGTERM.
    """
    options = build_parser().parse_args(arguments)
    options.typed = sys.argv[1:] if arguments is None else list(arguments)
    if options.command == "doctor":
        from .course.doctor import doctor

        return doctor()
    from .experiments.commands import commands, embed_command, grid_command

    run = {
        "train": commands.train,
        "compare": grid_command.compare_losses,
        "embed": embed_command.embed_images,
        "report": _report,
    }[options.command]
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: _complain(options, f"warning: {message}")
        try:
            return run(options) or 0
        except commands.InputError as error:
            return _complain(options, error, 2)
        except (FloatingPointError, OSError) as error:
            return _complain(options, error, 1)
        except KeyboardInterrupt as stop:
            text = str(stop) or "interrupted; no result was written"
            return _complain(options, text, getattr(stop, "code", 130))


def _report(options: argparse.Namespace) -> int:
    from .experiments.report.command import report

    return report(options)


def _complain(options: argparse.Namespace, message: object, code: int = 0) -> int:
    from .experiments.training.distributed import started

    # An error may be that of one process alone; everything else is told by the first.
    if code in (1, 2) or started().is_main:
        print(f"{PROGRAM} {options.command}: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
