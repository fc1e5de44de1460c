/** Where in the text, as an offset from its start. */
interface Placed {
  readonly at: number;
}

/** An expression of Bicep, as it is meant: see expressions.ts for what the grammar makes of it. */
export type Expr = Placed &
  (
    | { readonly kind: 'string'; readonly parts: readonly (string | Expr)[] }
    | { readonly kind: 'literal'; readonly value: number | boolean | null }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'object'; readonly entries: readonly Entry[] }
    | { readonly kind: 'array'; readonly items: readonly Expr[] }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
    | { readonly kind: 'member'; readonly of: Expr; readonly property: string; readonly isSafe: boolean }
    | { readonly kind: 'index'; readonly of: Expr; readonly index: Expr }
    | { readonly kind: 'unary'; readonly operator: string; readonly argument: Expr }
    | { readonly kind: 'binary'; readonly operator: string; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'ternary'; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
    | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expr }
    | { readonly kind: 'group'; readonly inner: readonly Expr[] }
    | { readonly kind: 'if'; readonly condition: Expr; readonly body: Expr }
    | { readonly kind: 'for'; readonly names: readonly string[]; readonly over: Expr; readonly body: Expr }
  );

/** A property of an object; its key is undefined where it is computed, and where `value` is spread. */
export interface Entry extends Placed {
  readonly key: string | undefined;
  /** The key as it is written, where it is computed. */
  readonly keyExpr?: Expr;
  readonly value: Expr;
}

/** A type as it is written. */
export type TypeExpr =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'array'; readonly of: TypeExpr }
  | { readonly kind: 'optional'; readonly of: TypeExpr }
  | { readonly kind: 'union'; readonly members: readonly TypeExpr[] }
  | { readonly kind: 'object'; readonly props: ReadonlyMap<string, TypeProperty>; readonly extra?: TypeExpr };

export interface TypeProperty {
  readonly type: TypeExpr;
  readonly decorators: Decorators;
}

/** Decorators by name, with their arguments. */
export type Decorators = ReadonlyMap<string, readonly Expr[]>;

interface Declared extends Placed {
  readonly name: string;
  readonly decorators: Decorators;
}

export interface Param extends Declared {
  readonly type: TypeExpr;
  readonly value: Expr | undefined;
}

export interface Output extends Declared {
  readonly type: TypeExpr;
  readonly value: Expr;
}

export interface Variable extends Declared {
  readonly value: Expr;
}

export interface Resource extends Declared {
  /** `Microsoft.Storage/storageAccounts` */
  readonly type: string;
  readonly version: string;
  readonly isExisting: boolean;
  readonly value: Expr;
}

export interface Module extends Declared {
  readonly path: string;
  readonly value: Expr;
}

export interface Func extends Declared {
  readonly parameters: readonly { readonly name: string; readonly type: TypeExpr }[];
  readonly returns: TypeExpr;
  readonly body: Expr;
}

export interface TypeAlias extends Declared {
  readonly type: TypeExpr;
}

export interface Import extends Placed {
  readonly path: string;
  readonly names: readonly { readonly name: string; readonly as: string }[];
}

/** One .bicep or .bicepparam file. */
export interface BicepFile {
  readonly path: string;
  readonly text: string;
  readonly syntaxErrors: readonly number[];
  readonly scope: string;
  readonly extensions: readonly string[];
  /** Of a .bicepparam file: the template that it is for. */
  readonly using: string | undefined;
  readonly imports: readonly Import[];
  readonly params: readonly Param[];
  readonly variables: readonly Variable[];
  readonly funcs: readonly Func[];
  readonly types: readonly TypeAlias[];
  readonly resources: readonly Resource[];
  readonly modules: readonly Module[];
  readonly outputs: readonly Output[];
}
