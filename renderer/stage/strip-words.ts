import { addWords } from '../app/i18n.ts'
import { en } from './locales/strip-en.ts'
import { ja } from './locales/strip-ja.ts'

/** What shows how safe the recording is imports this: its words come with it. A listener loads neither. */
addWords('strip', { en, ja })
