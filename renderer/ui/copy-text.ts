/**
 * Puts the text of a field on the clipboard. The clipboard API exists only in secure contexts, and may be refused
 * by a permission; then the older way is tried. False: neither worked, and the field's text is selected.
 */
export async function copyText(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    field.focus()
    field.select()
    return document.execCommand('copy')
  }
}
