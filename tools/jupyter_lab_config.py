"""How JupyterLab runs in this project (`make lab`).

A notebook that is open here may hold what is secret. So its kernel is spoken to over sockets that are files, or encrypted; what
is saved has no outputs, as git wants it; and JupyterLab asks nothing of the internet.
"""

import warnings
from typing import Any

import zmq

c = get_config()  # type: ignore[name-defined] # noqa: F821


def without_outputs(model: dict[str, Any], **_: Any) -> None:
    """Save a notebook without its outputs: tables that are not protected yet stay in the browser."""
    if model["type"] == "notebook":
        for cell in model["content"]["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = []
                cell["execution_count"] = None


# JupyterLab reads this file twice, and says so of the hook.
warnings.filterwarnings("ignore", message="Overriding existing pre_save_hook")
c.ContentsManager.pre_save_hook = without_outputs
if zmq.has("ipc"):
    c.KernelManager.transport = "ipc"
else:
    c.KernelManager.transport_encryption = "required"
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.root_dir = "."
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
# What IPython remembers of a session is not kept.
c.HistoryManager.enabled = False
