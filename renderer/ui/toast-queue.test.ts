import { describe, expect, it, vi } from 'vitest'
import { TOASTS_MAX, ToastQueue } from './toast-queue.ts'

const texts = (queue: ToastQueue) => queue.current().map(({ text }) => text)

describe('ToastQueue', () => {
  it('tells its listeners, until they end', () => {
    const queue = new ToastQueue()
    const listener = vi.fn()
    const end = queue.subscribe(listener)
    queue.add('info', 'a')
    end()
    queue.add('info', 'b')
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('keeps the newest', () => {
    const queue = new ToastQueue()
    for (let i = 0; i < TOASTS_MAX + 2; i++) queue.add('info', String(i))
    expect(texts(queue)).toEqual(['2', '3', '4'])
  })

  it('does not say twice what is on screen', () => {
    const queue = new ToastQueue()
    queue.add('danger', 'no')
    queue.add('danger', 'no')
    expect(texts(queue)).toEqual(['no'])
  })

  it('takes one away', () => {
    const queue = new ToastQueue()
    queue.add('info', 'a')
    queue.add('info', 'b')
    queue.remove(queue.current()[0]?.id ?? 0)
    expect(texts(queue)).toEqual(['b'])
  })
})
