/* SPDX-License-Identifier: MIT */
#include "processor/enrich.h"

#include "processor/action.h"
#include "processor/user_agent.h"

static void add_flag(struct enrichment *e, const char *flag)
{
    if (e->flag_count < ENRICHED_FLAGS_MAX)
        e->flags[e->flag_count++] = flag;
}

static void add_time(const struct record *r, struct envelope *envelope, struct enrichment *e)
{
    envelope->timestamp_ms = envelope->append_ms;
    if (!r->has_timestamp)
        return;
    e->has_clock_skew = true;
    e->clock_skew_ms = envelope->append_ms - r->timestamp_ms;
    if (r->timestamp_ms - envelope->append_ms > ENRICH_AHEAD_MS)
        add_flag(e, "future");
    else
        envelope->timestamp_ms = r->timestamp_ms;
}

static void add_address(const struct record *r, const struct geoip *geoip, struct enrichment *e)
{
    struct address address;
    struct place place;

    if (!r->ip.data || !address_parse(r->ip, &address))
        return;
    e->ip_version = address.version;
    e->ip_class = address_class(&address);
    geoip_find(geoip, &address, &place);
    e->country = place.country;
    e->city = place.city;
    e->asn = place.asn;
}

static void add_user_agent(const struct record *r, struct enrichment *e)
{
    struct user_agent agent;

    if (!r->user_agent.data)
        return;
    user_agent_read(r->user_agent, &agent);
    e->has_user_agent = true;
    e->browser = agent.browser;
    e->os = agent.os;
    e->device = agent.device;
    e->bot = agent.bot;
}

bool enrich(struct record *record, const struct geoip *geoip, struct redact *redact,
            struct envelope *envelope, struct enrichment *ret)
{
    *ret = (struct enrichment){0};
    action_split(record->action, &ret->verb, &ret->object);
    add_time(record, envelope, ret);
    add_address(record, geoip, ret);
    add_user_agent(record, ret);
    if (!redact_apply(redact, record))
        return false;
    add_flag(ret, "masked");
    return true;
}
