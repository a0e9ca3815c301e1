"""Reports on disk, as TensorBoard runs that can be read back without loss.

Synopsis:

    >>> import tempfile
    >>> from xent_monitor.report import EvaluationReport
    >>> from xent_monitor.statistics import ClassStatistics
    >>> sums = ClassStatistics.empty("binary", num_classes=2, num_bins=10)
    >>> report = EvaluationReport(0, "validation", "", ("no", "yes"), sums)
    >>> with tempfile.TemporaryDirectory() as log_dir:
    ...     writer = ReportWriter(log_dir)
    ...     writer.write(report, "No examples were seen.")
    ...     writer.close()
    ...     read_reports(log_dir) == [report]
    True

`metadata` is the contract on disk; `tensorboard --logdir` shows the rest. Nothing here imports TensorFlow.
"""

from xent_monitor.tensorboard.reader import ReportReader, find_runs, read_reports
from xent_monitor.tensorboard.writer import ReportWriter

__all__ = ["ReportReader", "ReportWriter", "find_runs", "read_reports"]
