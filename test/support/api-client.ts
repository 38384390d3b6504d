// @ts-nocheck
/**
 * Penstock: Data Pipelines API, Raw Export API, profiles and what the console shows
 * 1.0.0
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {};
export type Error = {
    error: string;
    status: "error";
    connection_test?: {
        ok: boolean;
        steps: {
            step: "own identity" | "assume role" | "trust" | "region" | "bucket" | "owner" | "put" | "read" | "list" | "delete" | "key";
            result: "passed" | "warned" | "failed" | "not tried";
            code: string | null;
            found: string;
            repairs: {
                policy: "role" | "trust" | "bucket" | "key" | "operator" | "boundary" | "organization";
                how: string;
                json: {
                    [key: string]: any;
                } | null;
            }[];
        }[];
    };
};
/**
 * Sign in at the console: sets the cookie of a session
 */
export function signIn(body: {
    /** A service account's user name. Left out: the secret is a project's. */
    username?: string;
    /** The project's API secret, or the service account's secret. */
    secret: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            username: string | null;
            projects: {
                project_id: number;
                name: string;
                token: string;
                timezone: string;
                role: "secret" | "owner" | "admin" | "analyst" | "consumer";
                may_manage: boolean;
            }[];
            expires_at: string;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/console/session", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Who is signed in, and which projects that opens
 */
export function readSession(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            username: string | null;
            projects: {
                project_id: number;
                name: string;
                token: string;
                timezone: string;
                role: "secret" | "owner" | "admin" | "analyst" | "consumer";
                may_manage: boolean;
            }[];
            expires_at: string;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/console/session", {
        ...opts
    });
}
/**
 * Sign out: the session is over everywhere
 */
export function signOut(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/console/session", {
        ...opts,
        method: "DELETE"
    });
}
/**
 * Whether there is a project
 */
export function readInstallation(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            set_up: boolean;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/console/installation", {
        ...opts
    });
}
/**
 * Make the first project, while there is none, and sign in to it
 */
export function setUp(body: {
    /** What penstock serve has printed when it started, or PENSTOCK_SETUP_TOKEN. */
    setup_token: string;
    /** What people call the project. */
    name: string;
    /** The IANA time zone of the project's days. Left out: UTC. */
    timezone?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            project_id: number;
            token: string;
            api_secret: string;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/console/installation", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Create a pipeline
 */
export function create(body: {
    /** s3-raw */
    "type": string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** The first day, YYYY-MM-DD. With trial=true the day before is meant where it is left out. */
    from_date?: string;
    /** The last day, YYYY-MM-DD. Left out: the export goes on for ever. */
    to_date?: string;
    /** Only without to_date. Left out: daily. */
    frequency?: "daily" | "hourly";
    /** Names of the events to export; one of them, or several. Left out: all. */
    events?: string[];
    /** A segmentation expression that events must meet. */
    where?: string;
    /** events */
    data_source?: "events";
    /** json */
    data_format?: "json";
    /** Every event of the day before and of thirty days; one a project. Left out: false. */
    trial?: "true" | "false";
    /** Whether late events reach folders that are exported already. Left out: true. */
    sync?: "true" | "false";
    /** Whether each folder's manifest is written into the bucket too, below <prefix>/<project id>/_manifests/. Left out: false. */
    manifest?: "true" | "false";
    /** The bucket to export to. */
    s3_bucket: string;
    /** The bucket's region. */
    s3_region: string;
    /** The ARN of the role that may write to the bucket. */
    s3_role: string;
    /** A key prefix. Left out: the root of the bucket. */
    s3_prefix?: string;
    /** Left out: none. */
    s3_encryption?: "none" | "aes" | "kms";
    /** A key's ARN or id, or an alias' ARN; only with kms. Left out: the account's aws/s3 key. */
    s3_kms_key_id?: string;
    /** Whether the connection to the bucket is not tested first. Left out: false. */
    skip_check?: "true" | "false";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            pipeline_names: string[];
            warnings?: string[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/create", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Change which events a pipeline exports from its next runs on
 */
export function edit(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** Names of the events to export; one of them, or several. Left out: all. */
    events?: string[] | null;
    /** A segmentation expression that events must meet. */
    where?: string | null;
    /** Whether the connection to the bucket is not tested first. Left out: false. */
    skip_check?: "true" | "false";
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
            warnings?: string[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/edit", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Stop what runs, and begin nothing more
 */
export function pause(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/pause", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Go on where it stopped, what was missed included
 */
export function resume(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/resume", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Stop and remove a pipeline; what it exported stays
 */
export function cancel(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            status: "ok";
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/cancel", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List a project's pipelines
 */
export function jobs({ projectId }: {
    projectId?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: {
                name: string;
                Dispatcher: "backfill" | "live";
                last_dispatched: string;
                frequency: "daily" | "hourly";
                sync_enabled: "true" | "false";
                state: "active" | "paused";
                trial?: boolean;
                manifest?: boolean;
                events?: string[];
                where?: string;
                pause_reason?: string;
                trust_warning?: string;
                last_error?: {
                    code: string;
                    message: string;
                };
                progress?: {
                    events_done: number;
                    bytes_done: number;
                    events_to_do?: number;
                    bytes_to_do?: number;
                    events_per_second?: number;
                    bytes_per_second?: number;
                    estimated_end?: string;
                    folders_done: number;
                    folders_to_do: number;
                    folders_failed: number;
                };
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/jobs${QS.query(QS.explode({
        project_id: projectId
    }))}`, {
        ...opts
    });
}
/**
 * List a project's pipelines
 */
export function jobsByPost(body: {
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: {
                name: string;
                Dispatcher: "backfill" | "live";
                last_dispatched: string;
                frequency: "daily" | "hourly";
                sync_enabled: "true" | "false";
                state: "active" | "paused";
                trial?: boolean;
                manifest?: boolean;
                events?: string[];
                where?: string;
                pause_reason?: string;
                trust_warning?: string;
                last_error?: {
                    code: string;
                    message: string;
                };
                progress?: {
                    events_done: number;
                    bytes_done: number;
                    events_to_do?: number;
                    bytes_to_do?: number;
                    events_per_second?: number;
                    bytes_per_second?: number;
                    estimated_end?: string;
                    folders_done: number;
                    folders_to_do: number;
                    folders_failed: number;
                };
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/jobs", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List a pipeline's runs by state, or count them
 */
export function status(name: string, { projectId, summary, status }: {
    projectId?: number;
    summary?: "true" | "false";
    status?: ("pending" | "running" | "retried" | "failed" | "canceled" | "timed_out" | "succeeded")[];
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: number;
        } | {
            [key: string]: {
                project_id: number;
                name: string;
                state: "pending" | "running" | "retried" | "failed" | "canceled" | "timed_out" | "succeeded";
                kind: "export" | "sync";
                last_finish: string;
                run_at: string;
                from_date: string;
                to_date: string;
                attempts: number;
                files?: number;
                events?: number;
                bytes?: number;
                progress?: {
                    events_done: number;
                    bytes_done: number;
                    events_to_do?: number;
                    bytes_to_do?: number;
                    events_per_second?: number;
                    bytes_per_second?: number;
                    estimated_end?: string;
                };
                error?: {
                    code: string;
                    message: string;
                };
                held?: string;
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/status${QS.query(QS.explode({
        name,
        project_id: projectId,
        summary,
        status
    }))}`, {
        ...opts
    });
}
/**
 * List a pipeline's runs by state, or count them
 */
export function statusByPost(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** Only counts. Left out: false. */
    summary?: "true" | "false";
    /** States of runs; one of them, or several. Left out: all. */
    status?: ("pending" | "running" | "retried" | "failed" | "canceled" | "timed_out" | "succeeded")[];
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: number;
        } | {
            [key: string]: {
                project_id: number;
                name: string;
                state: "pending" | "running" | "retried" | "failed" | "canceled" | "timed_out" | "succeeded";
                kind: "export" | "sync";
                last_finish: string;
                run_at: string;
                from_date: string;
                to_date: string;
                attempts: number;
                files?: number;
                events?: number;
                bytes?: number;
                progress?: {
                    events_done: number;
                    bytes_done: number;
                    events_to_do?: number;
                    bytes_to_do?: number;
                    events_per_second?: number;
                    bytes_per_second?: number;
                    estimated_end?: string;
                };
                error?: {
                    code: string;
                    message: string;
                };
                held?: string;
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/status", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List the days of a pipeline, and when they were exported and synced
 */
export function timeline(name: string, { projectId }: {
    projectId?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            day_syncs: {
                date: string;
                sync_times: string[];
                status: "synced" | "pending" | "failed";
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/timeline${QS.query(QS.explode({
        name,
        project_id: projectId
    }))}`, {
        ...opts
    });
}
/**
 * List the days of a pipeline, and when they were exported and synced
 */
export function timelineByPost(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            day_syncs: {
                date: string;
                sync_times: string[];
                status: "synced" | "pending" | "failed";
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/timeline", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * What a finished folder consists of: files, events, bytes, checksums
 */
export function manifest(name: string, date: string, { projectId, hour }: {
    projectId?: number;
    hour?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            pipeline: string;
            project_id: number;
            folder: string;
            date: string;
            hour?: string;
            timezone: string;
            commit_seen: number;
            duplicates_removed: number;
            profiles_read_at?: string;
            events: number;
            bytes: number;
            first_time?: string;
            last_time?: string;
            files: {
                name: string;
                events: number;
                bytes: number;
                crc32: string;
                first_time: string;
                last_time: string;
            }[];
            exported_at: string;
            synced_at?: string;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/manifest${QS.query(QS.explode({
        name,
        project_id: projectId,
        date,
        hour
    }))}`, {
        ...opts
    });
}
/**
 * What a finished folder consists of: files, events, bytes, checksums
 */
export function manifestByPost(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** The day of the folder, YYYY-MM-DD. */
    date: string;
    /** The folder's hour of that day, 00 to 23; only of an hourly pipeline, which needs it. */
    hour?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            pipeline: string;
            project_id: number;
            folder: string;
            date: string;
            hour?: string;
            timezone: string;
            commit_seen: number;
            duplicates_removed: number;
            profiles_read_at?: string;
            events: number;
            bytes: number;
            first_time?: string;
            last_time?: string;
            files: {
                name: string;
                events: number;
                bytes: number;
                crc32: string;
                first_time: string;
                last_time: string;
            }[];
            exported_at: string;
            synced_at?: string;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/manifest", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * List the folders of a range of days, or sum them up by days or months, with what is delivered and what is not
 */
export function folders(name: string, { projectId, fromDate, toDate, by }: {
    projectId?: number;
    fromDate?: string;
    toDate?: string;
    by?: "folder" | "day" | "month";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            name: string;
            project_id: number;
            timezone: string;
            state: "active" | "paused";
            frequency: "daily" | "hourly";
            pipeline_from_date: string;
            pipeline_to_date: string | null;
            selects_all: boolean;
            sync_enabled: boolean;
            destination: {
                s3_bucket: string;
                s3_region: string;
                s3_prefix: string | null;
                s3_role: string;
                s3_encryption: "none" | "aes" | "kms";
                s3_kms_key_id: string | null;
            };
            from_date: string;
            to_date: string;
            by: "folder" | "day" | "month";
            cells: {
                date: string;
                hour?: string;
                state: "failed" | "running" | "late_pending" | "pending" | "delivered" | "not_due";
                folders?: {
                    [key: string]: number;
                };
                events: number;
                bytes: number;
                files: number;
                duplicates: number;
                exported_at?: string;
                synced_at?: string;
                due_at?: string;
                error?: {
                    code: string;
                    message: string;
                };
            }[];
            totals: {
                folders: {
                    [key: string]: number;
                };
                events_in_store: number | null;
                events_delivered: number;
                bytes_delivered: number;
                files: number;
                duplicates: number;
                events_not_due: number | null;
                events_outstanding: number | null;
            };
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/folders${QS.query(QS.explode({
        name,
        project_id: projectId,
        from_date: fromDate,
        to_date: toDate,
        by
    }))}`, {
        ...opts
    });
}
/**
 * What was tried for a folder, and what became of it
 */
export function history(name: string, date: string, { projectId, hour }: {
    projectId?: number;
    hour?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            name: string;
            project_id: number;
            folder: string;
            date: string;
            hour?: string;
            state: "failed" | "running" | "late_pending" | "pending" | "delivered" | "not_due";
            exported_at?: string;
            synced_at: string[];
            runs: {
                kind: "export" | "sync";
                state: "pending" | "running" | "retried" | "failed" | "canceled" | "timed_out" | "succeeded";
                due_at: string;
                next_attempt_at?: string;
                attempts: number;
                error?: {
                    code: string;
                    message: string;
                };
            }[];
            attempts: {
                kind: "export" | "sync";
                attempt: number;
                end: "succeeded" | "retried" | "failed" | "timed_out" | "pending" | "canceled" | "running";
                started_at: string;
                ended_at?: string;
                files: number;
                events: number;
                bytes: number;
                error?: {
                    code: string;
                    message: string;
                };
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/history${QS.query(QS.explode({
        name,
        project_id: projectId,
        date,
        hour
    }))}`, {
        ...opts
    });
}
/**
 * Read a folder back from its bucket and hold it against the store
 */
export function verify(body: {
    /** The name of the pipeline. */
    name: string;
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** The day of the folder, YYYY-MM-DD. */
    date: string;
    /** The folder's hour of that day, 00 to 23; only of an hourly pipeline, which needs it. */
    hour?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            ok: boolean;
            folder: string;
            state: "finished" | "pending" | "failed";
            files: number;
            events: number;
            differences: {
                kind: string;
                key: string;
                found: string;
            }[];
            verified_at: string;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/verify", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Server-sent events (pipeline, folder, late, end) of what happens to a pipeline, as long as the request is kept open
 */
export function watchPipeline(name: string, { projectId }: {
    projectId?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            name: string;
            state: "active" | "paused";
            pause_reason?: string;
            last_error?: {
                code: string;
                message: string;
            };
            progress?: {
                events_done: number;
                bytes_done: number;
                events_to_do?: number;
                bytes_to_do?: number;
                events_per_second?: number;
                bytes_per_second?: number;
                estimated_end?: string;
                folders_done: number;
                folders_to_do: number;
                folders_failed: number;
            };
            runs: {
                kind: "export" | "sync";
                date: string;
                hour?: string;
                attempt: number;
                started_at: string;
                step: "planning" | "writing" | "finishing";
                files_done: number;
                progress: {
                    events_done: number;
                    bytes_done: number;
                    events_to_do?: number;
                    bytes_to_do?: number;
                    events_per_second?: number;
                    bytes_per_second?: number;
                    estimated_end?: string;
                };
            }[];
        } | {
            date: string;
            hour?: string;
            kind: "export" | "sync";
            run_state: "pending" | "running" | "retried" | "failed" | "canceled" | "timed_out" | "succeeded";
            state: "failed" | "running" | "late_pending" | "pending" | "delivered" | "not_due";
            error?: {
                code: string;
                message: string;
            };
        } | {
            date: string;
            hour?: string;
        } | {
            reason: "session_over" | "pipeline_gone" | "server_stopping" | "too_long";
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/watch${QS.query(QS.explode({
        name,
        project_id: projectId
    }))}`, {
        ...opts
    });
}
/**
 * The newest stored events that a selection has
 */
export function preview(body: {
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** Names of the events to export; one of them, or several. Left out: all. */
    events?: string[];
    /** A segmentation expression that events must meet. */
    where?: string;
    /** The newest day to look at, YYYY-MM-DD; next_to_date of an answer goes on from there. */
    to_date?: string;
    /** How many events to answer at most. Left out: 20. */
    limit?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            events: {
                event: string;
                properties: {
                    [key: string]: any;
                };
                [key: string]: any;
            }[];
            searched_from: string | null;
            events_searched: number;
            events_skipped?: number;
            complete: boolean;
            next_to_date: string | null;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/preview", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * How much a pipeline of these days would export at once, and how long that would take
 */
export function estimate(body: {
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** The first day, YYYY-MM-DD. With trial=true the day before is meant where it is left out. */
    from_date: string;
    /** The last day, YYYY-MM-DD. Left out: up to today. */
    to_date?: string;
    /** Only without to_date. Left out: daily. */
    frequency?: "daily" | "hourly";
    /** Names of the events to export; one of them, or several. Left out: all. */
    events?: string[];
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            folders: number;
            events: number;
            bytes: number;
            exact: boolean;
            seconds: number | null;
            measured_from: ("project" | "server") | null;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/estimate", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * What the customer's AWS account has to grant, filled in
 */
export function setup(s3Bucket: string, s3Region: string, { projectId, s3Prefix, s3KmsKeyId, roleName }: {
    projectId?: number;
    s3Prefix?: string;
    s3KmsKeyId?: string;
    roleName?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            role_name: string;
            permissions_policy: {
                Version: string;
                Statement: any[];
                [key: string]: any;
            };
            narrowed_permissions_policy: {
                Version: string;
                Statement: any[];
                [key: string]: any;
            } | null;
            kms_policy: {
                Version: string;
                Statement: any[];
                [key: string]: any;
            } | null;
            trust_policy: {
                Version: string;
                Statement: any[];
                [key: string]: any;
            };
            cloudformation: string;
            terraform: string;
            aws_commands: string[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/nessie/pipeline/setup${QS.query(QS.explode({
        project_id: projectId,
        s3_bucket: s3Bucket,
        s3_region: s3Region,
        s3_prefix: s3Prefix,
        s3_kms_key_id: s3KmsKeyId,
        role_name: roleName
    }))}`, {
        ...opts
    });
}
/**
 * Test the connection to a destination, step by step; with Accept: application/x-ndjson as lines while it runs
 */
export function test(body: {
    /** The project's id; needed with a service account, else that of the secret. */
    project_id?: number;
    /** The bucket to export to. */
    s3_bucket: string;
    /** The bucket's region. */
    s3_region: string;
    /** The ARN of the role that may write to the bucket. */
    s3_role: string;
    /** A key prefix. Left out: the root of the bucket. */
    s3_prefix?: string;
    /** Left out: none. */
    s3_encryption?: "none" | "aes" | "kms";
    /** A key's ARN or id, or an alias' ARN; only with kms. Left out: the account's aws/s3 key. */
    s3_kms_key_id?: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            ok: boolean;
            steps: {
                step: "own identity" | "assume role" | "trust" | "region" | "bucket" | "owner" | "put" | "read" | "list" | "delete" | "key";
                result: "passed" | "warned" | "failed" | "not tried";
                code: string | null;
                found: string;
                repairs: {
                    policy: "role" | "trust" | "bucket" | "key" | "operator" | "boundary" | "organization";
                    how: string;
                    json: {
                        [key: string]: any;
                    } | null;
                }[];
            }[];
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 404;
        data: Error;
    } | {
        status: 409;
        data: Error;
    } | {
        status: 413;
        data: Error;
    } | {
        status: 415;
        data: Error;
    } | {
        status: 422;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>("/api/2.0/nessie/pipeline/test", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Download the events of a range of days, one a line
 */
export function exportEvents(fromDate: string, toDate: string, { projectId, event, where, limit, timeInMs }: {
    projectId?: number;
    event?: string;
    where?: string;
    limit?: number;
    timeInMs?: boolean;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/export${QS.query(QS.explode({
        project_id: projectId,
        from_date: fromDate,
        to_date: toDate,
        event,
        where,
        limit,
        time_in_ms: timeInMs
    }))}`, {
        ...opts
    });
}
/**
 * List profiles, one a line, in pages; the header Link has the next one
 */
export function listProfiles({ projectId, groupKey, after, limit }: {
    projectId?: number;
    groupKey?: string;
    after?: string;
    limit?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/engage${QS.query(QS.explode({
        project_id: projectId,
        group_key: groupKey,
        after,
        limit
    }))}`, {
        ...opts
    });
}
/**
 * One user's last events
 */
export function recentEvents(distinctId: string, { projectId, toDate, limit }: {
    projectId?: number;
    toDate?: string;
    limit?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            events: {
                event: string;
                properties: {
                    [key: string]: any;
                };
                [key: string]: any;
            }[];
            searched_from: string | null;
            events_searched: number;
            events_skipped?: number;
            complete: boolean;
            next_to_date: string | null;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/events/recent${QS.query(QS.explode({
        project_id: projectId,
        distinct_id: distinctId,
        to_date: toDate,
        limit
    }))}`, {
        ...opts
    });
}
/**
 * Which events there are, how many a day, and with which properties
 */
export function describeEvents({ projectId, fromDate, toDate }: {
    projectId?: number;
    fromDate?: string;
    toDate?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            from_date: string;
            to_date: string;
            timezone: string;
            events: {
                event: string;
                count: number;
                days: {
                    date: string;
                    count: number;
                }[];
                exact: boolean;
                sampled: number;
                properties: {
                    name: string;
                    types: {
                        [key: string]: number;
                    };
                }[];
            }[];
            truncated: boolean;
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/schema${QS.query(QS.explode({
        project_id: projectId,
        from_date: fromDate,
        to_date: toDate
    }))}`, {
        ...opts
    });
}
/**
 * Server-sent events (hello, arrivals, refusals, end) of what clients send and are refused, as long as the request is kept open
 */
export function watchEvents({ projectId }: {
    projectId?: number;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            project_id: number;
            has_events: boolean;
            last_arrival_at: string | null;
        } | {
            at: string;
            events: number;
            sample: {
                event: string;
                properties: {
                    [key: string]: any;
                };
                [key: string]: any;
            }[];
        } | {
            refusals: {
                id: string;
                path: string;
                field: string | null;
                message: string;
                count: number;
                first_at: string;
                last_at: string;
            }[];
        } | {
            reason: "session_over" | "server_stopping" | "too_long";
        };
    } | {
        status: 400;
        data: Error;
    } | {
        status: 401;
        data: Error;
    } | {
        status: 403;
        data: Error;
    } | {
        status: 429;
        data: Error;
    } | {
        status: 500;
        data: Error;
    } | {
        status: 503;
        data: Error;
    }>(`/api/2.0/live${QS.query(QS.explode({
        project_id: projectId
    }))}`, {
        ...opts
    });
}
