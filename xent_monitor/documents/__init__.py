"""A run as a document: Markdown for a pull request, or one HTML file that needs no network.

```python
from xent_monitor import documents, read_alerts, read_reports
from xent_monitor.alerts import episodes

run = documents.Run("digits", read_reports("logs"), episodes(read_alerts("logs")))
text = documents.markdown(run)
page = documents.html(run)
```
"""

from __future__ import annotations

from xent_monitor.documents.markdown_text import markdown
from xent_monitor.documents.page import html
from xent_monitor.documents.run import Run

__all__ = ["Run", "html", "markdown"]
