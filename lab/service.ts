/**
 * What a stand-in of the lab is: something that answers for host names. The front (one HTTPS server)
 * reads the request whole, applies faults, and hands it to the service that owns the host.
 */
export interface LabService {
  /** Short name used in fault rules, the request log and messages: `entra`, `graph`, `xdr`, `vault` … */
  readonly name: string;
  /** Host names this service answers for; `*.` stands for exactly one leading label. */
  readonly hosts: readonly string[];
  handle(request: LabRequest): Promise<LabAnswer>;
  /** The tenant a request concerns, when the service can tell; for fault rules and the request log. */
  tenantOf?(request: LabRequest): string | undefined;
}

/** A request as it arrived, body read whole. Header names are lower case. */
export interface LabRequest {
  readonly method: string;
  /** Absolute: `https://graph.microsoft.com/v1.0/…`. */
  readonly url: URL;
  /** Path and query exactly as on the wire, before any decoding. */
  readonly rawTarget: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What goes back. An object body is sent as JSON. The front adds `Date` from the lab's clock. */
export interface LabAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | object;
  /** Cut the connection: `before` any byte of the answer, or after half of the `body`. */
  readonly cut?: 'before' | 'body';
  /** What the request log shows beside the path. Nothing from the body, no secret. */
  readonly note?: string;
}

/** The lab's time, in milliseconds since 1970 UTC. Tests move it by hand. */
export interface LabClock {
  now(): number;
}

/** What a bearer token turned out to be. */
export type Verdict =
  | { readonly ok: true; readonly caller: LabCaller }
  | {
      readonly ok: false;
      readonly reason: 'missing' | 'malformed' | 'signature' | 'expired' | 'audience' | 'issuer';
    };

/** Who calls a protected stand-in, read from a verified token. */
export interface LabCaller {
  readonly tenantId: string;
  readonly appId: string;
  /** Application permissions (`roles` claim). */
  readonly roles: readonly string[];
  /** Delegated permissions (`scp` claim, split). */
  readonly scopes: readonly string[];
  /** The user in whose name the call is made; undefined for an app's own. */
  readonly user?: LabUser | undefined;
  /** Claims that the token must show besides before a service takes it, as JSON; undefined: none. */
  readonly challenge?: string | undefined;
  /** Whether the tenant has a licence for Defender; default true. */
  readonly hasDefender?: boolean;
}

/** What Defender's services know of a user. */
export interface LabUser {
  /** Object id. */
  readonly id: string;
  /** `user@domain` */
  readonly name: string;
  /** What the user's role lets them do in Defender. */
  readonly defender: 'none' | 'read' | 'write';
}

/** Judges tokens for protected stand-ins: signature by the lab's own keys, issuer, audience and times. */
export interface TokenJudge {
  verify(authorization: string | undefined, audiences: readonly string[]): Promise<Verdict>;
}
