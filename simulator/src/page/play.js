// The page's script: shows what the server sends, and posts what people press. All HTML comes escaped from the server.
'use strict'

const byId = (id) => document.getElementById(id)

// A line on top of a chat, as Telegram shows what a press brought, or of the page.
const timers = {}
function show(line, chat) {
  const place = byId(chat ? 'status' + chat : 'status')
  place.textContent = line
  clearTimeout(timers[place.id])
  if (chat) timers[place.id] = setTimeout(() => { place.textContent = '' }, 6000)
}

function toEnd(list) {
  list.scrollTop = list.scrollHeight
}

function replace({ id, list, html }) {
  const old = byId(id)
  if (!html) {
    old?.remove()
    return
  }
  const template = document.createElement('template')
  template.innerHTML = html
  const fresh = template.content.firstElementChild
  const parent = byId(list)
  if (old?.outerHTML === fresh.outerHTML) return
  if (!old) {
    parent.append(fresh)
  } else {
    const focused = old.contains(document.activeElement)
    old.replaceWith(fresh)
    // A press often takes its own button away.
    if (focused) (fresh.querySelector('button, select') ?? fresh).focus()
  }
  if (parent?.matches('ol')) toEnd(parent)
}

async function post(action, fields, chat) {
  try {
    const response = await fetch('/play/' + action, { method: 'POST', body: new URLSearchParams(fields) })
    const text = await response.text()
    show(action === 'bukza' && response.ok ? 'Запрос отправлен: ' + text : text, chat)
    return response.ok
  } catch {
    show('Нет связи: программа остановлена', chat)
    return false
  }
}

async function copy(button) {
  const chat = button.closest('.phone')?.id.slice(5)
  try {
    await navigator.clipboard.writeText(button.dataset.copy)
    show('Скопировано: ' + button.dataset.copy, chat)
  } catch {
    show(button.dataset.copy, chat)
  }
}

// An empty id ends the reply.
function reply(chat, id) {
  const form = document.querySelector('#phone' + chat + ' form')
  form.elements.reply.value = id
  form.querySelector('.cancel-reply').hidden = !id
  form.elements.text.placeholder = id ? 'Ответ' : 'Сообщение'
  form.elements.text.focus()
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (!button) return
  const { post: action, ...fields } = button.dataset
  if ('copy' in fields) copy(button)
  else if ('reply' in fields) reply(fields.chat, fields.reply)
  else if (action) post(action, fields, fields.chat)
})

document.addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = event.target
  const chat = form.elements.chat?.value
  if ((await post(form.dataset.post, new FormData(form, event.submitter), chat)) && chat) {
    form.elements.text.value = ''
    reply(chat, '')
  }
})

const events = new EventSource('/play/events')
events.onmessage = (event) => replace(JSON.parse(event.data))
events.onopen = () => show('')
events.onerror = () => show('Нет связи: программа остановлена')
const allToEnd = () => document.querySelectorAll('ol').forEach(toEnd)
addEventListener('resize', allToEnd)
allToEnd()
