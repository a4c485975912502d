/** The shape of a language: the same keys, any words. */
export type LocaleOf<Words> = {
  readonly [Key in keyof Words]: Words[Key] extends string ? string : LocaleOf<Words[Key]>
}
