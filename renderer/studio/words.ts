import { addWords } from '../app/i18n.ts'
import { en } from './locales/en.ts'
import { ja } from './locales/ja.ts'

/** Each screen of the studio imports this: its words come with it. */
addWords('studio', { en, ja })
