"""Lead times and limits that are the product's policy and not law (procedures §2); shown to people as policy."""

from __future__ import annotations

EXPIRY_LEAD_DAYS = (180, 90, 30)  # calendar days before the last protected day on which people are reminded
ANNUAL_REMINDED_FROM_MONTH = 9  # yearly reviews not done are reminded monthly from September
DECIDED_FROM_MONTH_COUNTS_AS_REVIEWED = 10  # a determination in the last quarter counts as that year's review (E40)
PROPOSAL_WORKING_DAYS = 5  # 及时
SAME_DAY_WORKING_DAYS = 0  # 立即
