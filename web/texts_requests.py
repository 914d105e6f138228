"""What is said of requests and of what is not there; see ``web.said``."""

REQUESTS: dict[str, str] = {
    # what a request may ask for
    "no such parameter": "нет такого параметра",
    "no such filter": "нет такого фильтра",
    "it is given twice": "указано дважды",
    "it is not text": "это не текст",
    "it is not text or a list of texts": "это не текст и не список текстов",
    "it is not true or false": "это не true и не false",
    "its body is not a JSON object": "тело запроса — не объект JSON",
    "it needs a name": "нужно название",
    "its name is too long or not printable": "название слишком длинное или с непечатаемыми знаками",
    "none was sent": "ничего не прислано",
    "none were chosen": "ничего не выбрано",
    "{value} is unknown": "неизвестное значение {value}",
    "{value} is no switch": "{value} — не переключатель",
    "{value} is not a number": "{value} — не число",
    "{value} is not a whole number": "{value} — не целое число",
    "{value} is not the id of a picture": "{value} — не номер картинки",
    "{value} is not the id of one": "{value} — не номер беседы",
    "{value} is not a rectangle inside the picture": "{value} — не прямоугольник внутри картинки",
    "{value} is not a date": "{value} — не дата",
    "{value} is not a size": "{value} — не размер",
    "{value} is not a code": "{value} — не код языка",
    "{value} names no folder": "{value} — не название папки",
    "{value} holds no word": "{value} — ни одного слова",
    "{value} cannot be one": "{value} — не годится",
    "{what} is out of range": "{what} — вне допустимых пределов",
    "{what} comes before {other}": "{what} раньше, чем {other}",
    "{n} values": "{n} значение|{n} значения|{n} значений",
    "{size} bytes are fewer than {limit}": "{size} Б меньше, чем {limit} Б",
    "it is longer than a value can be, or holds a null": (
        "значение слишком длинное или содержит нулевой символ"
    ),
    "it is not three numbers": "это не три числа",
    "it is not a circle on the earth": "это не круг на земном шаре",
    "it is larger than {size} MiB": "файл больше {size} МБ",
    "it is longer than {n} characters": "длиннее {n} знака|длиннее {n} знаков|длиннее {n} знаков",
    "it has {n} characters": "{n} знак|{n} знака|{n} знаков",
    "it has {n} characters, more than {limit}": (
        "{n} знак, больше предела в {limit}|"
        "{n} знака, больше предела в {limit}|"
        "{n} знаков, больше предела в {limit}"
    ),
    "it is not 0 to 3650": "это не число от 0 до 3650",
    "it only says what not to find": "сказано только, чего быть не должно",
    "it is not one photo, one indexed picture or one document": (
        "это не одно фото, не одна картинка из индекса и не один документ"
    ),
    "there are {n}": "их {n}",
    "there are {n} already": "их уже {n}",
    # what to ask for instead
    "use {choices}": "укажите {choices}",
    "use {low} to {high}": "укажите от {low} до {high}",
    "use {low} or more": "укажите {low} или больше",
    "use a smaller number": "укажите число поменьше",
    "use above 0 to {high}": "укажите больше 0 и не больше {high}",
    "use 0 for ever": "укажите 0, чтобы токен действовал всегда",
    "use letters or digits": "используйте буквы или цифры",
    "use letters, digits, spaces, dots or dashes, at most {n}": (
        "не больше {n} буквы, цифры, пробела, точки или дефиса|"
        "не больше {n} букв, цифр, пробелов, точек и дефисов|"
        "не больше {n} букв, цифр, пробелов, точек и дефисов"
    ),
    "use at most {n} letters, digits or spaces": (
        "не больше {n} буквы, цифры или пробела|"
        "не больше {n} букв, цифр и пробелов|"
        "не больше {n} букв, цифр и пробелов"
    ),
    "use at most {n} characters": "не больше {n} знака|не больше {n} знаков|не больше {n} знаков",
    "use {low} to {high}; several words are easy to keep in mind": (
        "нужно от {low} до {high}; несколько слов легко запомнить"
    ),
    "use two letters such as en or ru": "укажите две буквы, например en или ru",
    "use a number such as 0.5": "укажите число, например 0.5",
    "use a hit's id": "укажите номер из результатов поиска",
    "use a day, a month or a year such as 2021-03-05, 2021-03 or 2021": (
        "укажите день, месяц или год, например 2021-03-05, 2021-03 или 2021"
    ),
    "use latitude,longitude,km such as {example}": (
        "укажите широту, долготу и км, например {example}"
    ),
    "use latitude,longitude,km such as {example}, with {low} to {high} km": (
        "укажите широту, долготу и км, например {example}, от {low} до {high} км"
    ),
    "use bytes such as 200kB or 2MB": "укажите байты, например 200kB или 2MB",
    "use bytes such as 200kB or 2MB, or pixels such as 1920x1080 or 5MP": (
        "укажите байты, например 200kB или 2MB, или пиксели, например 1920x1080 или 5MP"
    ),
    "use {choices}, an ending such as .docx, or a media type": (
        "укажите {choices}, расширение вроде .docx или тип MIME"
    ),
    "use x0,y0,x1,y1 with 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1": (
        "укажите x0,y0,x1,y1, где 0 <= x0 < x1 <= 1 и 0 <= y0 < y1 <= 1"
    ),
    "did you mean {name}?": "возможно, {name}?",
    "see /api for those that are known": "известные перечислены на /api",
    "see /api for what it takes": "допустимое описано на /api",
    "name one, or leave it out": "укажите её или уберите фильтр",
    "give it once": "укажите один раз",
    "give at most {n}": "укажите не больше {n}",
    "give exactly one of them": "укажите ровно одно из этого",
    "give the earlier day as after": "более ранний день укажите в after",
    "give the smaller size as min_size": "меньший размер укажите в min_size",
    "send a string": "пришлите строку",
    "send one": "пришлите одно из них",
    'send {"question": "…"}': 'пришлите {"question": "…"}',
    "send the id that an answer came with, or new": "пришлите номер, который был в ответе, или new",
    "shorten it": "сократите",
    "make it smaller": "уменьшите его",
    "choose another": "выберите другой файл",
    "choose another name": "выберите другое название",
    "choose another, or ask an admin for it": (
        "выберите другую или попросите доступ у администратора"
    ),
    "choose at least one file": "выберите хотя бы один файл",
    "it is no picture that can be read": "это не изображение, которое можно прочитать",
    "choose a photo to search by": "выберите фото для поиска",
    "choose {role} or less": "выберите роль не выше этой: {role}",
    "type some words": "введите слова",
    "type some words or add a photo": "введите слова или добавьте фото",
    "type a short one": "введите короткое",
    "type at most {n} letters": "не больше {n} буквы|не больше {n} букв|не больше {n} букв",
    "say what it is for": "напишите, для чего он",
    "sign in": "войдите",
    # what is not there, or in the way
    "there is no such file": "такого файла нет",
    "there is no such collection": "такой коллекции нет",
    "there is no such page": "такой страницы нет",
    "there is no such document": "такого документа нет",
    "there is no such conversation": "такой беседы нет",
    "there is no such question": "такого вопроса нет",
    "there is no such job": "такого задания нет",
    "there is no such key": "такого ключа нет",
    "there is no such person": "такого человека нет",
    "there is a collection of that name": "коллекция с таким названием уже есть",
    "there is none that could not be read": "непрочитанных файлов нет",
    "not a name for a collection": "такое название коллекции не подходит",
    "collection {name} has no such document": "такого документа нет в коллекции «{name}»",
    "the catalogue has no such file, folder or document": (
        "такого файла, папки или документа в каталоге нет"
    ),
    "the document has no such page": "такой страницы в документе нет",
    "the document has {n} pages": (
        "в документе {n} страница|в документе {n} страницы|в документе {n} страниц"
    ),
    "it has left the index": "картинки больше нет в индексе",
    "it is not one of yours": "эта коллекция вам недоступна",
    "it is being indexed": "идёт индексация",
    "it is at work": "задание выполняется",
    "it has ended": "задание завершено",
    "nothing of it has failed": "ошибок в задании не было",
    "this name is taken": "это имя занято",
    "the first person has been added": "первый человек уже добавлен",
    "nobody signs in here": "здесь никто не входит под своим именем",
    "nobody else could look after people and settings": (
        "больше некому управлять людьми и настройками"
    ),
    "{name} is no {role}": "{name}: роль «{role}» недоступна",
    "open page 1": "откройте страницу 1",
    "open it again": "откройте документ заново",
    "search again": "повторите поиск",
    "search for it again": "найдите документ снова",
    "list the jobs": "посмотрите список заданий",
    "list the saved questions": "посмотрите список сохранённых вопросов",
    "reload the page": "обновите страницу",
    "run: {command}": "выполните: {command}",
    "choose one that exists": "выберите из имеющихся",
    "list the conversations": "посмотрите список бесед",
    "list the people": "посмотрите список людей",
    "check the address": "проверьте адрес",
    "run the same command again": "повторите",
    "nothing is to be done": "делать ничего не нужно",
    "there is nothing to cancel": "отменять нечего",
    "add files instead": "добавьте вместо этого файлы",
    "wait for it": "дождитесь его завершения",
    "wait until that is done, or cancel it": "дождитесь завершения или отмените",
    "cancel that, or wait until it is done": "отмените или дождитесь завершения",
    "delete some that you do not need": "удалите ненужные",
    "make somebody else an admin first": "сначала назначьте администратором кого-то ещё",
    "no token is needed": "токен не нужен",
    # whoever asks
    "request: it is larger than the limit of {size} MiB; send fewer or smaller files": (
        "запрос: больше предела в {size} МБ; отправьте меньше файлов или файлы поменьше"
    ),
    "request: it is larger than the limit; send fewer or smaller files": (
        "запрос: больше допустимого; отправьте меньше файлов или файлы поменьше"
    ),
    "request: a body of type {value} cannot be read here; send none": (
        "запрос: тело типа {value} здесь не читается; пришлите запрос без тела"
    ),
    "request: a body of type {value} cannot be read here; send {choices}": (
        "запрос: тело типа {value} здесь не читается; пришлите {choices}"
    ),
    "server: something went wrong; see its log, then try again": (
        "сервер: что-то пошло не так; посмотрите его журнал и повторите"
    ),
    "server: something went wrong; see its log, then ask again": (
        "сервер: что-то пошло не так; посмотрите его журнал и спросите снова"
    ),
    "server: too many are asking at once; try again in a few seconds": (
        "сервер: слишком много запросов сразу; повторите через несколько секунд"
    ),
    "the request comes from another site; open Sightline itself and try again": (
        "запрос пришёл с другого сайта; откройте сам Sightline и повторите"
    ),
    "the page has expired; open it again and repeat what you did": (
        "страница устарела; откройте её заново и повторите действие"
    ),
    "the token opens nothing: it is wrong, expired or revoked": (
        "токен не подходит: он неверный, просрочен или отозван"
    ),
    "sign in first; a program sends its token as Authorization: Bearer": (
        "сначала войдите; программа передаёт токен так: Authorization: Bearer"
    ),
    (
        "this server does not answer to the name {value}; add it to SIGHTLINE_WEB_HOSTS if it is "
        "yours"
    ): (
        "этот сервер не отвечает на имя {value}; если оно ваше, добавьте его в SIGHTLINE_WEB_HOSTS"
    ),
    "a password is needed; give it with any user name": "нужен пароль; имя пользователя любое",
    "it needs the role {role}; ask an admin for it": (
        "нужна роль «{role}»; попросите её у администратора"
    ),
    "the name or the password is wrong": "имя или пароль не подходят",
    "the present password is wrong": "нынешний пароль не подходит",
    "too many wrong passwords; try again in {n} s": (
        "слишком много неверных паролей; повторите через {n} с"
    ),
    "nobody signs in here: there is no account to look after": (
        "здесь никто не входит под своим именем: учётной записи нет"
    ),
}

# What a message is about, where that is a word of ours.
SUBJECTS: dict[str, str] = {
    "request": "запрос",
    "server": "сервер",
    "question": "вопрос",
    "photo": "фото",
    "the photo": "фото",
    "files": "файлы",
    "name": "имя",
    "password": "пароль",
    "role": "роль",
    "scope": "права токена",
    "token": "токен",
    "set-up": "первый запуск",
    "the last admin": "последний администратор",
    "collection": "коллекция",
    "collection {name}": "коллекция «{name}»",
    "conversation": "беседа",
    "conversation {id}": "беседа {id}",
    "parameter": "параметр",
    "example": "пример",
    "examples": "примеры",
    "page {id}": "страница {id}",
    "picture {id}": "картинка {id}",
    "job {id}": "задание {id}",
    "key {id}": "ключ {id}",
    "saved question {id}": "сохранённый вопрос {id}",
    "saved questions": "сохранённые вопросы",
    "parser process": "программа чтения",
    "temporary files in {folder}": "временные файлы, папка {folder}",
    "reader": "читатель",
    "editor": "редактор",
    "admin": "администратор",
    # of the doctor's findings
    "catalogue": "каталог",
    "uploads": "загруженные файлы",
    "runs": "запуски индексации",
    "leftovers": "лишние файлы",
    "index": "индекс",
    "text encoder": "модель отрывков",
    "clip encoder": "модель картинок",
    "reranker": "переранжирование",
    "answers": "ответы",
    "text in pictures": "текст на картинках",
    "parsers": "чтение файлов",
    "sqlite": "база SQLite",
    "disk": "диск",
}

# What people did, in the audit log.
DEEDS: dict[str, str] = {
    "signed in": "вход",
    "sign-in refused": "отказ во входе",
    "add person": "добавлен человек",
    "change person": "изменён человек",
    "change password": "сменён пароль",
    "remove person": "удалён человек",
    "add token": "создан токен",
    "revoke": "завершён сеанс или токен",
    "revoke token": "отозван токен",
    "upload": "добавлены файлы",
    "add documents": "добавлены файлы",
    "remove document": "удалён документ",
    "cancel job": "отменена индексация",
    "retry job": "индексация повторена",
    "retry failed": "повторено чтение файлов",
    "rename collection": "переименована коллекция",
    "delete collection": "удалена коллекция",
    "save": "сохранён вопрос",
    "rename saved": "переименован вопрос",
    "delete saved": "удалён вопрос",
    "delete conversation": "удалена беседа",
    "delete conversations": "удалены беседы",
}
