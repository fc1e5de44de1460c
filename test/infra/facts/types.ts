/** A published type, in the form of shared/data/README.md (bicep-types.json). */
export type FactType =
  | string
  | {
      readonly is: string;
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: string;
      readonly secret?: boolean;
    }
  | { readonly enum: readonly (string | number)[]; readonly open?: boolean }
  | { readonly array: FactType; readonly min?: number; readonly max?: number }
  | { readonly map: FactType }
  | { readonly ref: string }
  | { readonly union: readonly FactType[] };

/** Properties: type and flags; r required, o read-only, w write-only, c deploy-time constant, k identifier. */
export type FactProps = Readonly<Record<string, readonly [type: FactType, flags?: string]>>;

export interface FactBody {
  readonly props?: FactProps;
  /** Type of any other property. */
  readonly extra?: FactType;
  /** Property that chooses one of `cases`. */
  readonly on?: string;
  readonly cases?: Readonly<Record<string, string>>;
}

export interface FactResource {
  readonly body: string;
  readonly scopes?: readonly string[];
  readonly readOnly?: boolean;
  readonly extension?: string;
}

export interface Facts {
  readonly sources: readonly unknown[];
  readonly resources: Readonly<Record<string, FactResource>>;
  readonly types: Readonly<Record<string, FactBody>>;
}
