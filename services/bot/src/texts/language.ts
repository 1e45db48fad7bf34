/** The languages that the bot speaks. */
export const languages = ['en', 'ru'] as const
export type Language = (typeof languages)[number]

/** The texts of one feature in every language; what lacks one does not compile. */
export type InEach<Texts> = Record<Language, Texts>
