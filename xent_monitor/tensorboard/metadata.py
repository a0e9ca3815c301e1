"""The contract on disk: where the runs are, what the tags are called, what their metadata says.

```
LOG_DIR/xent_monitor/<split>/events.out.tfevents.*      one TensorBoard run for each split, nobody else writes there
    cross_entropy, accuracy, ...                        scalars (`xent_monitor.scalars`)
    class_cross_entropy/<class>                         scalars of the classes shown
    confidence/right, confidence/wrong                  histograms
    true_class_probability/<class>                      histograms of the classes shown; where the sums hold one for
    true_class_probability                              all classes together, that
    right_decisions, right_decisions/<class>            PR curves, overall and of the classes shown
    reading                                             text
    alerts                                              text: what began to fire, or is resolved
    alerts/<rule>                                       scalars: 0 inactive, 1 pending, 2 firing
    alert_states                                        `AlertRecord`, plugin `xent_monitor`
    custom_scalars__config__                            layout of the Custom Scalars dashboard
    statistics/<field>                                  the lossless sums, plugin `xent_monitor`
```

With several outputs every tag but the layout and the states of the rules starts with `<output>/`. Step is the epoch.
All values of one report are in one record, so that a killed run leaves a report whole or not at all; what is said of
the alerts follows in a record of its own. Where a step was written twice, the later value counts.

TensorBoard keeps the first metadata of a tag and ignores later ones. Hence nothing that changes from epoch to epoch
is in the metadata.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_TENSOR, SummaryMetadata

from xent_monitor.errors import EventFormatError
from xent_monitor.report import FORMAT_VERSION, REPORT_NUMBERS, EvaluationReport, Split
from xent_monitor.scalars import series_name
from xent_monitor.statistics import TASKS, ClassStatistics, array_fields, scalar_fields, unknown_fields

__all__ = [
    "ALERTS",
    "ALERT_STATES",
    "CONFIDENCE",
    "EVENT_FILE_MARK",
    "PLUGIN_NAME",
    "READING",
    "RIGHT_DECISIONS",
    "SUBDIRECTORY",
    "TRUE_CLASS_PROBABILITY",
    "Header",
    "check_not_newer",
    "is_alert_states",
    "own_metadata",
    "report_arrays",
    "report_from_arrays",
    "run_directory",
    "statistics_metadata",
    "statistics_tag",
]

#: Directory in the log directory that holds the runs.
SUBDIRECTORY = "xent_monitor"
#: Plugin that the tensors of the statistics belong to.
PLUGIN_NAME = "xent_monitor"
#: What TensorBoard recognises an event file by.
EVENT_FILE_MARK = "tfevents"

CONFIDENCE = "confidence"
TRUE_CLASS_PROBABILITY = "true_class_probability"
RIGHT_DECISIONS = "right_decisions"
READING = "reading"
ALERTS = "alerts"
ALERT_STATES = "alert_states"
STATISTICS = "statistics"
#: Field of the statistics whose header names the classes.
NAMING_FIELD = "support"

_SCALAR_TYPES = {"int": np.int64, "float": np.float64}


def run_directory(log_dir: Path, split: Split) -> Path:
    """Directory of the TensorBoard run of a split."""
    return log_dir / SUBDIRECTORY / split


def statistics_tag(output: str, field: str) -> str:
    """Tag of the tensor of one field of the statistics."""
    return series_name(output, STATISTICS, field)


@dataclasses.dataclass(frozen=True)
class Header:
    """Metadata of one tensor of the statistics: all of a report that is neither a number nor its epoch."""

    #: Name of the field of `ClassStatistics` or `EvaluationReport`.
    field: str
    #: As in the report.
    task: str
    #: As in the report.
    split: str
    #: As in the report.
    output: str
    #: As in the report, exactly as they were given; from format 3 on in the header of `NAMING_FIELD` alone (None in the
    #: others): thousands of names in each of thirty headers would outweigh the numbers.
    class_names: tuple[str, ...] | None = None
    #: Version of the format that the report was written in.
    format: int = FORMAT_VERSION

    @classmethod
    def of(cls, report: EvaluationReport, field: str) -> Header:
        """The header of one field of a report."""
        names = report.class_names if field == NAMING_FIELD else None
        return cls(field, report.task, report.split, report.output, names)

    def to_bytes(self) -> bytes:
        """Content of the plugin data: JSON, with the version of the format."""
        # Escaped to ASCII, which carries even halves of surrogate pairs through.
        return json.dumps({key: value for key, value in vars(self).items() if value is not None}).encode("ascii")

    @classmethod
    def from_bytes(cls, content: bytes) -> Header:
        """The header that `to_bytes` wrote.

        Raises:
            EventFormatError: If it was written by a newer version, or is not a header.
        """
        try:
            values = json.loads(content)
            version = values["format"]
            check_not_newer(version, FORMAT_VERSION)
            if version not in range(1, FORMAT_VERSION + 1) or values["task"] not in TASKS:
                raise ValueError(f"format {version!r}, task {values.get('task')!r}")
            if "class_names" in values or version < 3 or values["field"] == NAMING_FIELD:
                values["class_names"] = tuple(values["class_names"])
            else:
                values["class_names"] = None
            return cls(**{field.name: values[field.name] for field in dataclasses.fields(cls)})
        except EventFormatError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise EventFormatError(f"The metadata of the statistics cannot be understood: {error!r}.") from error


def is_alert_states(tag: str) -> bool:
    """Whether the tag, of a tensor of ours, is that of an `AlertRecord` and not of a field of a report.

    Example:
        >>> is_alert_states("kind/alert_states"), is_alert_states("kind/statistics/support")
        (True, False)
    """
    return tag.rpartition("/")[2] == ALERT_STATES


def statistics_metadata(report: EvaluationReport, field: str) -> SummaryMetadata:
    """Metadata of the tensor of one field of the statistics."""
    return own_metadata(Header.of(report, field).to_bytes())


def report_arrays(report: EvaluationReport) -> dict[str, NDArray[Any]]:
    """The numbers of a report, lossless, by field; int64 and float64. A field that is None is left out."""
    sums = report.statistics
    arrays = {field.name: getattr(sums, field.name) for field in array_fields()}
    for field in scalar_fields():
        arrays[field.name] = np.asarray(getattr(sums, field.name), _SCALAR_TYPES[str(field.type)])
    for name in REPORT_NUMBERS:
        arrays[name] = np.asarray(getattr(report, name), np.float64)
    return {name: array for name, array in arrays.items() if array is not None}


def report_from_arrays(header: Header, epoch: int, arrays: Mapping[str, NDArray[Any]]) -> EvaluationReport:
    """The report that `report_arrays` took apart, by the header of `NAMING_FIELD`.

    Raises:
        EventFormatError: If a field is missing, or the fields do not fit together.
    """
    if header.class_names is None:
        raise EventFormatError(f"The statistics of epoch {epoch} lack the field: {NAMING_FIELD}.")
    optional = {field.name for field in array_fields() if field.metadata["optional"]}
    plain = [field.name for field in scalar_fields()]
    names = [*(field.name for field in array_fields()), *plain]
    arrays = {**unknown_fields(header.format, len(header.class_names)), **arrays}
    numbers = [name for name, since in REPORT_NUMBERS.items() if since <= header.format]
    missing = [name for name in (*names, *numbers) if name not in arrays and name not in optional]
    if missing:
        raise EventFormatError(f"The statistics of epoch {epoch} lack the fields: {', '.join(missing)}.")
    sums: dict[str, Any] = {name: arrays.get(name) for name in names}
    try:
        sums |= {name: np.asarray(sums[name]).item() for name in plain}
        return EvaluationReport(
            epoch=epoch,
            split=header.split,  # type: ignore[arg-type]  # the report itself checks it
            output=header.output,
            class_names=header.class_names,
            statistics=ClassStatistics(task=header.task, **sums),  # type: ignore[arg-type]  # checked likewise
            **{name: arrays[name].item() for name in numbers},
        )
    except ValueError as error:
        raise EventFormatError(f"The statistics of epoch {epoch} do not fit together: {error}") from error


def own_metadata(content: bytes) -> SummaryMetadata:
    """Metadata of a tensor of our own plugin."""
    return SummaryMetadata(
        plugin_data=SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=content),
        # TensorBoard lists a plugin's tensors only where the class of the data is stated.
        data_class=DATA_CLASS_TENSOR,
    )


def check_not_newer(version: Any, newest: int) -> None:
    """Raise an `EventFormatError` if a format is beyond the newest that can be read."""
    if isinstance(version, int) and version > newest:
        raise EventFormatError(
            f"Written in format {version} by a newer xent_monitor; this one reads up to format {newest}. "
            "Upgrade it: pip install --upgrade xent-monitor."
        )
