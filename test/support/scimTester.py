"""Runs scim2-tester against the SCIM server at a URL with a token, and prints what is not a success."""

import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

url, token = sys.argv[1:]
http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
results = check_server(SyncSCIMClient(http))
for result in results:
    if result.status != Status.SUCCESS:
        print(result.status.name, result.title, result.resource_type or "", result.reason)
print(len(results), "checks")
