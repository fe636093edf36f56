"""A card image restored to an older state, with real processes: every offline fact is kept.

Runs last in its folder: afterwards the hub holds facts that the node's restored outbox never had.
"""

import shutil

from tests.faults.campaign import Campaign
from tests.faults.site import acked, rows, waiting
from tests.programs import until


def test_more_offline_facts_than_the_image_had_lost_are_all_kept(campaign: Campaign) -> None:
    site = campaign.site
    campaign.wait_for_traffic()
    site.kill("node")
    image = site.folder / "image"
    shutil.copytree(site.outbox.parent, image)
    site.start("node")
    campaign.wait_for_traffic()
    before = acked(site)
    until(lambda: acked(site) > before + 20, "the hub learns what the image does not know")
    epoch = rows(site.outbox, "SELECT value FROM meta WHERE key = 'epoch'")

    site.kill("node")
    # What had no receipt yet goes with the card that is pulled out: nobody can have it.
    lost = {row[0] for row in rows(site.outbox, "SELECT id FROM fact WHERE acked_ms IS NOT NULL")}
    site.kill("hub")
    shutil.rmtree(site.outbox.parent)
    shutil.copytree(image, site.outbox.parent)
    held = {row[0] for row in rows(site.outbox, "SELECT id FROM fact")}
    lost -= held
    assert len(lost) > 20
    site.start("node")
    until(lambda: waiting(site) > len(lost) + 30, "more is recorded offline than was lost")
    site.start("hub")
    campaign.crowd.pause()
    until(campaign.crowd.all_judged, "every visit is judged")
    until(lambda: waiting(site) == 0, "every fact has its receipt")

    at_node = {row[0] for row in rows(site.outbox, "SELECT id FROM fact")}
    at_hub = [row[0] for row in rows(site.hub_db, "SELECT fact_id FROM fact")]
    assert len(set(at_hub)) == len(at_hub), "a fact is at the hub twice"
    assert at_node <= set(at_hub), "an offline fact of the restored image is lost"
    assert lost <= set(at_hub), "what the hub had before is still there"
    assert rows(site.outbox, "SELECT value FROM meta WHERE key = 'epoch'") != epoch
