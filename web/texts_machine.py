"""What is said of models, answers and the machine; see ``web.said``."""

import errno
import os

from werkzeug.exceptions import (
    BadRequest,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
)

MACHINE: dict[str, str] = {
    # the catalogue
    "the catalogue is damaged ({cause})": "каталог повреждён ({cause})",
    "another program has replaced it meanwhile": "её тем временем заменила другая программа",
    "written by a newer Sightline (schema {schema}, known {known})": (
        "каталог от более новой версии Sightline (схема {schema}, известна {known})"
    ),
    "built with {name}, but the encoder in use makes {other}": (
        "построено моделью {name}, а сейчас используется {other}"
    ),
    "wait for the other writer to finish, then try again": (
        "дождитесь, пока закончит другая программа, и повторите"
    ),
    "check the folder's permissions and free space": "проверьте права на папку и свободное место",
    "restore a backup, or move the file away and index again": (
        "восстановите копию или уберите файл и проиндексируйте заново"
    ),
    "choose another --home": "выберите другой --home",
    "upgrade Sightline, or choose another --home": "обновите Sightline или выберите другой --home",
    "run: sightline reembed {collection}, or set {settings}": (
        "выполните sightline reembed {collection} или задайте {settings}"
    ),
    # models
    "it is not on this machine": "на этой машине модели нет",
    "its weights are not on this machine": "весов модели нет на этой машине",
    "it cannot be read ({cause})": "файл не читается ({cause})",
    "it cannot be loaded ({cause})": "модель не загружается ({cause})",
    "it failed ({cause}: {detail})": "сбой ({cause}: {detail})",
    "its SHA-256 is not the recorded one": "SHA-256 не совпадает с записанным",
    "the folder has no {file}": "в папке нет {file}",
    "there is no {file}": "нет файла {file}",
    "its folder has {n} weights files": (
        "в папке {n} файл весов|в папке {n} файла весов|в папке {n} файлов весов"
    ),
    "it has no model_cfg": "в файле нет model_cfg",
    "it names no weights": "веса не указаны",
    "it has no weights in the safetensors format, the only one that is read": (
        "нет весов в формате safetensors, а другие не читаются"
    ),
    "open_clip knows no such model": "open_clip не знает такой модели",
    "open_clip knows no such weights": "open_clip не знает таких весов",
    "the installed timm builds it with other tensors than the packaged weights": (
        "установленный timm строит модель с другими тензорами, чем во встроенных весах"
    ),
    "the package is not installed": "пакет не установлен",
    "the package xllamacpp is not installed": "пакет xllamacpp не установлен",
    "the tokenizer has no such token": "у токенизатора нет такого токена",
    "this tokenizer does not say where its tokens lie in the text": (
        "этот токенизатор не сообщает, где его токены в тексте"
    ),
    "it gives {n} values for a pair, not one relevance": (
        "модель даёт на пару {n} значение вместо одной оценки|"
        "модель даёт на пару {n} значения вместо одной оценки|"
        "модель даёт на пару {n} значений вместо одной оценки"
    ),
    "{package} has no such adapter": "в {package} такого нет",
    "the detector knows {n} kinds of things and this is none of them": (
        "детектор знает {n} вид предметов, и этого среди них нет|"
        "детектор знает {n} вида предметов, и этого среди них нет|"
        "детектор знает {n} видов предметов, и этого среди них нет"
    ),
    "the detector knows no words of this language": "детектор не знает слов этого языка",
    "the packaged network was never shown such a thing by itself": (
        "встроенная сеть не училась узнавать такой предмет"
    ),
    "it is no GGUF file": "это не файл GGUF",
    "choose one of: {names}": "выберите: {names}",
    "name one of: {names}": "назовите одно из: {names}",
    "choose another model": "выберите другую модель",
    "choose another model or settings": "выберите другую модель или настройки",
    "choose a model trained for passage ranking": "выберите модель, обученную ранжировать отрывки",
    "choose a model with a tokenizer.json": "выберите модель с tokenizer.json",
    "use a BERT-like model with [CLS] and [SEP]": "возьмите модель вроде BERT, с [CLS] и [SEP]",
    "use English words": "используйте английские слова",
    "use MODEL/TAG, or MODEL/path/to/checkpoint": "укажите MODEL/TAG или MODEL/path/to/checkpoint",
    "name a model's own folder": "укажите папку самой модели",
    "name a folder with model.onnx and tokenizer.json": (
        "укажите папку с model.onnx и tokenizer.json"
    ),
    "name a detector of any thing in SIGHTLINE_FIND_DETECTOR": (
        "укажите в SIGHTLINE_FIND_DETECTOR детектор любых предметов"
    ),
    "correct the path": "исправьте путь",
    "see open_clip.list_models()": "см. open_clip.list_models()",
    "export the model again": "экспортируйте модель заново",
    "fetch the model again": "скачайте модель заново",
    "fetch the model again, or choose another": "скачайте модель заново или выберите другую",
    "fetch the model with its .safetensors files": "скачайте модель с файлами .safetensors",
    "fetch it with: {command}, or name a local folder": (
        "скачайте её: {command}, или укажите локальную папку"
    ),
    "fetch them with: {command}": "скачайте их: {command}",
    "keep one, called {name}": "оставьте один под именем {name}",
    "reinstall Sightline": "переустановите Sightline",
    "pip install {package}": "выполните pip install {package}",
    "in the folder of the sources, run: {command}": "в папке исходного кода выполните: {command}",
    "check that there is memory for it, or fetch it again": (
        "проверьте, хватает ли памяти, или скачайте модель заново"
    ),
    "set SIGHTLINE_ANSWER_GENERATOR=gguf:FILE to a model's file": (
        "укажите в SIGHTLINE_ANSWER_GENERATOR=gguf:FILE файл модели"
    ),
    # answers
    "not kept in the history: {cause}": "не сохранено в истории: {cause}",
    "the answer may be incomplete": "ответ может быть неполным",
    "these are quotes instead": "вместо ответа модели показаны цитаты",
    "{n} unsupported sentence left out": "пропущено {n} неподтверждённое предложение",
    "{n} unsupported sentences left out": (
        "пропущено {n} неподтверждённое предложение|"
        "пропущены {n} неподтверждённых предложения|"
        "пропущено {n} неподтверждённых предложений"
    ),
    "what it said does not answer the question": "сказанное не отвечает на вопрос",
    "nothing that it said is supported by the evidence": "сказанное не подтверждено источниками",
    "it said nothing": "модель ничего не сказала",
    "it said nothing within {number} s": "модель молчала {number} с",
    "it was still talking after {number} s": "модель не закончила за {number} с",
    "it broke off": "ответ оборвался",
    "{n} tokens are more than it takes": (
        "{n} токен — больше, чем принимает модель|"
        "{n} токена — больше, чем принимает модель|"
        "{n} токенов — больше, чем принимает модель"
    ),
    "llama.cpp cannot load it ({cause})": "llama.cpp не может загрузить модель ({cause})",
    "llama.cpp said: {cause}": "llama.cpp сообщает: {cause}",
    "no server is named": "сервер не указан",
    "the server stayed busy": "сервер всё время занят",
    "the server said: {cause}": "сервер сообщает: {cause}",
    "the server at {address} has no model loaded": "на сервере {address} не загружена модель",
    "the server at {address} offers no such model": "на сервере {address} нет такой модели",
    "the server at {address} did not answer in time": "сервер {address} не ответил вовремя",
    "the server at {address} cannot be reached or broke off": (
        "сервер {address} недоступен или прервал ответ"
    ),
    "the reply of the server at {address} makes no sense ({cause})": (
        "ответ сервера {address} непонятен ({cause})"
    ),
    "the server at {address} refuses the key ({code})": (
        "сервер {address} не принимает ключ ({code})"
    ),
    "the server at {address} sends elsewhere ({code})": (
        "сервер {address} перенаправляет на другой адрес ({code})"
    ),
    "the server at {address} does not know it (404)": (
        "сервер {address} не знает такой модели (404)"
    ),
    "a larger model may do better": "модель побольше может справиться лучше",
    "ask again later": "спросите позже",
    "load one there": "загрузите её там",
    "look at the server's log": "посмотрите журнал сервера",
    "see the server's log": "посмотрите журнал сервера",
    "lower {variable}": "уменьшите {variable}",
    "raise {variable} or lower {other}": "увеличьте {variable} или уменьшите {other}",
    "raise {variable} or choose a smaller model": (
        "увеличьте {variable} или выберите модель поменьше"
    ),
    "start it, or correct {variable}": "запустите его или исправьте {variable}",
    "check that it speaks the OpenAI protocol": "проверьте, что он поддерживает протокол OpenAI",
    "set {variable}": "задайте {variable}",
    "set {variable} to the address itself": "укажите в {variable} сам этот адрес",
    "set {variable} (sightline models discover lists local ones)": (
        "задайте {variable} (локальные серверы покажет sightline models discover)"
    ),
    "{n} of {total} pictures were looked at in {number} seconds; set {variable} to look longer": (
        "просмотрено картинок: {n} из {total}, за {number} с; чтобы искать дольше, задайте "
        "{variable}"
    ),
    # what the doctor finds
    (
        "try sightline doctor --repair, then sightline restore with your last backup; without "
        "one, move {file} away and index again"
    ): (
        "выполните sightline doctor --repair, затем sightline restore с последней копией; если "
        "копии нет, уберите {file} и проиндексируйте заново"
    ),
    "{n} rows lack their other half": "{n} строка без пары|{n} строки без пары|{n} строк без пары",
    "{n} documents belong to no file": (
        "{n} документ без файла|{n} документа без файла|{n} документов без файла"
    ),
    "{n} vectors are damaged": (
        "повреждён {n} вектор|повреждены {n} вектора|повреждено {n} векторов"
    ),
    "{n} entries of the full text are wrong": (
        "неверна {n} запись полнотекстового индекса|"
        "неверны {n} записи полнотекстового индекса|"
        "неверно {n} записей полнотекстового индекса"
    ),
    "{n} documents lack pages, passages or vectors": (
        "{n} документ без части страниц, отрывков или векторов|"
        "{n} документа без части страниц, отрывков или векторов|"
        "{n} документов без части страниц, отрывков или векторов"
    ),
    "{n} documents wait to be read again, such as {path}": (
        "ждёт повторного чтения {n} документ, например: {path}|"
        "ждут повторного чтения {n} документа, например: {path}|"
        "ждут повторного чтения {n} документов, например: {path}"
    ),
    "sound, {n} documents": (
        "исправен, {n} документ|исправен, {n} документа|исправен, {n} документов"
    ),
    "run sightline index on their folder": "выполните sightline index для их папки",
    "run sightline index on the folder": "выполните sightline index для папки",
    "in their place": "на месте",
    "the catalogue has {n} in another home, from which this one came": (
        "каталог помнит {n} в прежнем месте этого архива"
    ),
    "none was killed": "прерванных нет",
    "{n} ended without a word": (
        "{n} оборвалось без сообщения|{n} оборвались без сообщения|{n} оборвались без сообщения"
    ),
    "sightline doctor --repair marks them as interrupted": (
        "sightline doctor --repair отметит их как прерванные"
    ),
    "{n} files that nothing needs": "{n} ненужный файл|{n} ненужных файла|{n} ненужных файлов",
    "none": "нет",
    "sightline doctor --repair removes them": "sightline doctor --repair удалит их",
    "agrees with the catalogue": "согласован с каталогом",
    "cannot be built: {cause}": "не построить: {cause}",
    "{n} are gone, such as {path}": (
        "исчез {n}, например: {path}|исчезли {n}, например: {path}|исчезли {n}, например: {path}"
    ),
    "{n} have changed since they were read, such as {path}": (
        "изменился с чтения {n}, например: {path}|"
        "изменились с чтения {n}, например: {path}|"
        "изменились с чтения {n}, например: {path}"
    ),
    "{n} could not be read (sightline status lists them)": (
        "не удалось прочитать {n} (список покажет sightline status)"
    ),
    "all there": "все на месте",
    "until then, answers are quotes": "до тех пор ответы — цитаты",
    "quotes of the best sentences": "цитаты лучших предложений",
    "{name}, in this process": "{name}, в этом процессе",
    "{name}, in this process, with pictures": "{name}, в этом процессе, с картинками",
    "{name} at {address}": "{name}, {address}",
    "switched off": "выключено",
    "read with {name}": "читает {name}",
    "read with {name}, which knows no Cyrillic": "читает {name}, кириллицу не знает",
    "apt install {packages}": "выполните apt install {packages}",
    "this system knows neither Landlock nor seccomp: limits on memory and time only": (
        "в этой системе нет ни Landlock, ни seccomp: ограничены только память и время"
    ),
    "no Landlock in this kernel: files are not protected from parsers": (
        "в этом ядре нет Landlock: файлы не защищены от программ чтения"
    ),
    "Landlock {version}: files are written in the parser's own folder only": (
        "Landlock {version}: запись только в собственную папку программы чтения"
    ),
    (
        "Landlock {version}: files are written in the parser's own folder only, no signals to "
        "other programs"
    ): (
        "Landlock {version}: запись только в собственную папку программы чтения, без сигналов "
        "другим программам"
    ),
    "seccomp: no network, no mounts, no other processes": (
        "seccomp: без сети, монтирования и других процессов"
    ),
    "no seccomp for this kernel and processor, of the network only TCP is closed": (
        "seccomp для этого ядра и процессора нет, в сети закрыт только TCP"
    ),
    "no seccomp for this kernel and processor, the network is open": (
        "seccomp для этого ядра и процессора нет, сеть открыта"
    ),
    (
        "{version}, whose write-ahead log has a rare bug: a catalogue that two programs write at "
        "one moment may be damaged"
    ): (
        "{version}, с редкой ошибкой в журнале предзаписи: каталог, в который две программы "
        "пишут одновременно, может повредиться"
    ),
    (
        "use a Python with SQLite {version} or later ({one} and {other} are sound too), or do not "
        "run index while serve takes uploads; keep backups"
    ): (
        "возьмите Python с SQLite {version} или новее (подойдут и {one}, и {other}) или не "
        "запускайте index, пока serve принимает файлы; делайте копии"
    ),
    "{size} GiB free at {path}": "свободно {size} ГБ, папка: {path}",
    "set aside and rebuilt, {cause}": "отложен и построен заново, {cause}",
    "of another format": "другой формат",
    "of another embedding space": "другое пространство векторов",
    "newer than the catalogue": "новее каталога",
    "its checksum is wrong": "неверная контрольная сумма",
    "its row count is wrong": "неверное число строк",
    "it belongs to another catalogue": "он от другого каталога",
    "its manifest is unreadable": "его описание не читается",
}

# What the system and libraries say, which we pass on.
SYSTEM: dict[str, str] = {
    os.strerror(errno.ENOENT): "такого файла или папки нет",
    os.strerror(errno.EACCES): "нет прав доступа",
    os.strerror(errno.EPERM): "операция не разрешена",
    os.strerror(errno.EROFS): "файловая система только для чтения",
    os.strerror(errno.EISDIR): "это папка",
    os.strerror(errno.ENOTDIR): "это не папка",
    os.strerror(errno.EEXIST): "файл уже есть",
    os.strerror(errno.ENOTEMPTY): "папка не пуста",
    os.strerror(errno.ENOSPC): "на диске нет места",
    os.strerror(errno.EDQUOT): "превышена дисковая квота",
    os.strerror(errno.EFBIG): "файл слишком велик",
    os.strerror(errno.ENAMETOOLONG): "имя файла слишком длинное",
    os.strerror(errno.ELOOP): "ссылки замкнуты в круг",
    os.strerror(errno.EIO): "ошибка ввода-вывода",
    os.strerror(errno.ESTALE): "файл на сетевом диске устарел",
    os.strerror(errno.ENXIO): "такого устройства нет",
    os.strerror(errno.ENOMEM): "не хватает памяти",
    os.strerror(errno.EAGAIN): "ресурс временно недоступен",
    os.strerror(errno.EMFILE): "открыто слишком много файлов",
    os.strerror(errno.ENFILE): "в системе открыто слишком много файлов",
    os.strerror(errno.EBUSY): "файл занят",
    os.strerror(errno.ETIMEDOUT): "время ожидания истекло",
    os.strerror(errno.ECONNREFUSED): "в соединении отказано",
    "[Errno {errno}] {cause}: {value}": "{cause}: {value}",
    "database is locked": "база данных занята",
    "database or disk is full": "в базе данных или на диске нет места",
    "attempt to write a readonly database": "база данных доступна только для чтения",
    "unable to open database file": "файл базы данных не открывается",
    "database disk image is malformed": "файл базы данных испорчен",
    "file is not a database": "файл — не база данных",
    "disk I/O error": "ошибка ввода-вывода",
    # what msgspec says of a request's fields
    "expected {types}, got {type}": "ожидается {types}, получено {type}",
    "expected {types} of length <= {n}": "ожидается {types} длиной не больше {n}",
    "expected {types} of length >= {n}": "ожидается {types} длиной не меньше {n}",
    "expected {types} <= {n}": "ожидается {types} не больше {n}",
    "expected {types} >= {n}": "ожидается {types} не меньше {n}",
    "invalid enum value {value}": "неизвестное значение {value}",
    "object missing required field {file}": "не хватает поля {file}",
    str(BadRequest.description): "Сервер не понял этот запрос.",
    str(MethodNotAllowed.description): "Такой метод по этому адресу недоступен.",
    str(RequestedRangeNotSatisfiable.description): "Такой части у файла нет.",
}

# What JSON holds, in msgspec's words.
TYPES: dict[str, str] = {
    "str": "строка",
    "int": "целое число",
    "float": "число",
    "bool": "true или false",
    "array": "список",
    "object": "объект",
    "null": "null",
}
