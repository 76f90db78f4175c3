/**
 * The schema language: a policy document is declared once with these, and types, validation,
 * defaults, the CRDs, the editor schema and the reference page are made of the declaration.
 */

/** Words about a value, for people; shown in the CRDs, in editors and on the reference page. */
interface Described {
  readonly doc: string
}

export interface StringSchema extends Described {
  readonly kind: 'string'
  readonly minLength?: number
  /** Must match as a whole; an ECMAScript pattern that RE2 reads alike. */
  readonly pattern?: string
}

/** Up to 32 bits: a number in TypeScript. */
export interface IntegerSchema extends Described {
  readonly kind: 'integer'
  readonly min: number
  readonly max: number
}

/** 64 bits without sign: a bigint in TypeScript. */
export interface WideSchema extends Described {
  readonly kind: 'wide'
}

export interface BooleanSchema extends Described {
  readonly kind: 'boolean'
}

export interface EnumSchema<V extends string = string> extends Described {
  readonly kind: 'enum'
  readonly values: readonly V[]
  /** Other spellings that are taken, and what they mean. */
  readonly aliases: Readonly<Record<string, V>>
}

export interface ListSchema<I extends Schema = Schema> extends Described {
  readonly kind: 'list'
  readonly item: I
  readonly maxItems?: number
}

export interface MapSchema<V extends Schema = Schema> extends Described {
  readonly kind: 'map'
  readonly value: V
}

/** Anything at all, which is not looked at. */
export interface AnySchema extends Described {
  readonly kind: 'any'
}

export interface ObjectSchema<F extends Fields = Fields> extends Described {
  readonly kind: 'object'
  /** Name of the kind of object, in editors and on the reference page. */
  readonly title: string
  /** Words about all objects of this kind; `doc` may be about one place where they are. */
  readonly about: string
  readonly fields: F
  readonly rules: readonly Rule[]
  /** Whether the field may be there without a value. */
  readonly nullable?: boolean
}

/** A rule among the fields of one object that the API server can check: an expression in CEL. */
export interface Rule {
  readonly rule: string
  readonly message: string
}

export type Schema =
  | StringSchema
  | IntegerSchema
  | WideSchema
  | BooleanSchema
  | EnumSchema
  | ListSchema
  | MapSchema
  | ObjectSchema
  | AnySchema

export interface RequiredField<S extends Schema = Schema> {
  readonly kind: 'required'
  readonly schema: S
}

export interface DefaultField<S extends Schema = Schema> {
  readonly kind: 'default'
  readonly schema: S
  /** Of the schema's type: see withDefault. */
  readonly value: unknown
}

/** A bare schema is an optional field. */
export type Field = Schema | RequiredField | DefaultField
export type Fields = Readonly<Record<string, Field>>

/** The value that a field has once read: lists and maps are empty when absent. */
type FieldValue<F extends Field> =
  F extends RequiredField<infer S>
    ? DocumentOf<S>
    : F extends DefaultField<infer S>
      ? DocumentOf<S>
      : F extends ListSchema | MapSchema
        ? DocumentOf<F>
        : F extends Schema
          ? DocumentOf<F> | undefined
          : never

/** Objects carry where they stand, e.g. `spec.kprobes[0]`. */
export interface At {
  readonly at: string
}

type ScalarOf<S> =
  S extends EnumSchema<infer V>
    ? V
    : S extends StringSchema
      ? string
      : S extends IntegerSchema
        ? number
        : boolean

/** The TypeScript type of a value that follows a schema, defaults applied. */
export type DocumentOf<S extends Schema> = S extends StringSchema
  ? string
  : S extends IntegerSchema
    ? number
    : S extends WideSchema
      ? bigint
      : S extends BooleanSchema
        ? boolean
        : S extends EnumSchema<infer V>
          ? V
          : S extends ListSchema<infer I>
            ? readonly DocumentOf<I>[]
            : S extends MapSchema<infer V>
              ? Readonly<Record<string, DocumentOf<V>>>
              : S extends ObjectSchema<infer F>
                ? { readonly [K in keyof F]: FieldValue<F[K]> } & At
                : unknown

/** A text. */
export function string(
  doc: string,
  limits: { minLength?: number; pattern?: string } = {},
): StringSchema {
  return { kind: 'string', doc, ...limits }
}

/** A whole number, both bounds included. */
export function integer(doc: string, min: number, max: number): IntegerSchema {
  return { kind: 'integer', doc, min, max }
}

/** 0 to 4294967295. */
export function uint32(doc: string): IntegerSchema {
  return integer(doc, 0, 0xffff_ffff)
}

/** 0 to 2^64 - 1. */
export function uint64(doc: string): WideSchema {
  return { kind: 'wide', doc }
}

/** True or false. */
export function boolean(doc: string): BooleanSchema {
  return { kind: 'boolean', doc }
}

/** One of several words. @param aliases other spellings, each with its word */
export function oneOf<const V extends string>(
  doc: string,
  values: readonly V[],
  aliases: Readonly<Record<string, V>> = {},
): EnumSchema<V> {
  return { kind: 'enum', doc, values, aliases }
}

/** A list whose items all follow one schema. */
export function list<I extends Schema>(
  doc: string,
  item: I,
  limits: { maxItems?: number } = {},
): ListSchema<I> {
  return { kind: 'list', doc, item, ...limits }
}

/** Values by names that the document chooses. */
export function map<V extends Schema>(doc: string, value: V): MapSchema<V> {
  return { kind: 'map', doc, value }
}

/** Whatever YAML can say. */
export function anything(doc: string): AnySchema {
  return { kind: 'any', doc }
}

/** Fields by their names. @param rules what holds between them */
export function object<F extends Fields>(
  title: string,
  doc: string,
  fields: F,
  rules: readonly Rule[] = [],
): ObjectSchema<F> {
  return { kind: 'object', title, about: doc, doc, fields, rules }
}

/** The same kind of value, with other words about it. */
export function redescribed<S extends Schema>(schema: S, doc: string): S {
  return { ...schema, doc }
}

/** A field that must be there. */
export function required<S extends Schema>(schema: S): RequiredField<S> {
  return { kind: 'required', schema }
}

/** A field that has this value where the document leaves it out. */
export function withDefault<S extends StringSchema | IntegerSchema | BooleanSchema | EnumSchema>(
  schema: S,
  value: ScalarOf<S>,
): DefaultField<S> {
  return { kind: 'default', schema, value }
}

/** The schema of a field, whether it has to be there or not. */
export function schemaOf(field: Field): Schema {
  return field.kind === 'required' || field.kind === 'default' ? field.schema : field
}
