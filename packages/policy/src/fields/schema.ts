/**
 * The schema language: a policy document is declared once, and types, validation, defaults, the
 * CRDs, the editor schema and the reference page are derived from the declaration.
 */

/** Documentation of a value, for the CRDs, editors and the reference page. */
interface Described {
  readonly doc: string
}

export interface StringSchema extends Described {
  readonly kind: 'string'
  readonly minLength?: number
  /** Checked by the API server only: policies have no such limit. */
  readonly maxLength?: number
  /** Must match the whole text; an ECMAScript pattern that RE2 interprets alike. */
  readonly pattern?: string
}

/** Up to 32 bits: a number in TypeScript. */
export interface IntegerSchema extends Described {
  readonly kind: 'integer'
  readonly min: number
  readonly max: number
  /** Words that are refused, with the fields to write instead. */
  readonly words?: Readonly<Record<string, string>>
}

/** 64 bits unsigned: a bigint in TypeScript. */
export interface WideSchema extends Described {
  readonly kind: 'wide'
}

export interface BooleanSchema extends Described {
  readonly kind: 'boolean'
}

export interface EnumSchema<V extends string = string> extends Described {
  readonly kind: 'enum'
  readonly values: readonly V[]
  /** Alternative spellings, with their canonical form. */
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

/** Any value, unchecked. */
export interface AnySchema extends Described {
  readonly kind: 'any'
}

export interface ObjectSchema<F extends Fields = Fields> extends Described {
  readonly kind: 'object'
  /** Name of the kind of object, in editors and on the reference page. */
  readonly title: string
  /** Documentation of all objects of this kind; `doc` may be about one use of them. */
  readonly about: string
  readonly fields: F
  readonly rules: readonly Rule[]
  /** Whether the field may have no value. */
  readonly nullable?: boolean
}

/** A rule over the fields of an object that the API server can check: an expression in CEL. */
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

/** The value of a field after reading: absent lists and maps are empty. */
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

/** Objects have their path, e.g. `spec.kprobes[0]`. */
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

/** The TypeScript type of a schema's values, with defaults applied. */
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
  limits: { minLength?: number; maxLength?: number; pattern?: string } = {},
): StringSchema {
  return { kind: 'string', doc, ...limits }
}

/** A whole number, including both bounds. @param words refused, with the fields to write instead */
export function integer(
  doc: string,
  min: number,
  max: number,
  words?: Readonly<Record<string, string>>,
): IntegerSchema {
  return { kind: 'integer', doc, min, max, ...(words === undefined ? {} : { words }) }
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

/** One of several words. @param aliases alternative spellings, with their canonical form */
export function oneOf<const V extends string>(
  doc: string,
  values: readonly V[],
  aliases: Readonly<Record<string, V>> = {},
): EnumSchema<V> {
  return { kind: 'enum', doc, values, aliases }
}

/** A list of values with the same schema. */
export function list<I extends Schema>(
  doc: string,
  item: I,
  limits: { maxItems?: number } = {},
): ListSchema<I> {
  return { kind: 'list', doc, item, ...limits }
}

/** Values by user-defined names. */
export function map<V extends Schema>(doc: string, value: V): MapSchema<V> {
  return { kind: 'map', doc, value }
}

/** Any YAML value. */
export function anything(doc: string): AnySchema {
  return { kind: 'any', doc }
}

/** Fields by name. @param rules conditions over several fields */
export function object<F extends Fields>(
  title: string,
  doc: string,
  fields: F,
  rules: readonly Rule[] = [],
): ObjectSchema<F> {
  return { kind: 'object', title, about: doc, doc, fields, rules }
}

/** The same schema with other documentation. */
export function redescribed<S extends Schema>(schema: S, doc: string): S {
  return { ...schema, doc }
}

/** A required field. */
export function required<S extends Schema>(schema: S): RequiredField<S> {
  return { kind: 'required', schema }
}

/** A field with a default value. */
export function withDefault<S extends StringSchema | IntegerSchema | BooleanSchema | EnumSchema>(
  schema: S,
  value: ScalarOf<S>,
): DefaultField<S> {
  return { kind: 'default', schema, value }
}

/**
 * Whether the empty string means that the field is absent. Go programs that marshal Tetragon's
 * types write it for every optional text and word.
 */
export function emptyIsAbsent(field: Field): boolean {
  const { kind } = schemaOf(field)
  return field.kind !== 'required' && (kind === 'string' || kind === 'enum')
}

/** The schema of a field, whether required or not. */
export function schemaOf(field: Field): Schema {
  return field.kind === 'required' || field.kind === 'default' ? field.schema : field
}

/** The schema of a field's value as it is written: an optional word may be the empty string. */
export function writtenSchema(field: Field): Schema {
  const schema = schemaOf(field)
  if (schema.kind !== 'enum' || !emptyIsAbsent(field) || schema.values.includes('')) return schema
  return { ...schema, values: [...schema.values, ''] }
}
