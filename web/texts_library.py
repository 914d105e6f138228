"""Sentences of the pages about documents on their shelf; see ``web.texts``."""

LIBRARY: dict[str, dict[str, str]] = {
    "en": {
        "nav_library": "Library",
        "nav_collections": "Collections",
        "nav_jobs": "Indexing",
        "nav_duplicates": "Duplicates",
        "nav_saved": "Saved questions",
        "nav_models": "Models",
        "nav_health": "Health",
        "seconds_left": "about {n} s left",
        "minutes_left": "about {n} min left",
        "hours_left": "about {n} h left",
        "language_unknown": "other",
        "upload_folder": "Choose a folder",
        "upload_keep": (
            "Sightline keeps a copy. You may leave this page as soon as everything is sent."
        ),
        "upload_sending": "Sending",
        "upload_sent": "{done} of {total} sent",
        "upload_cancel": "Cancel",
        "upload_cancelled": "Cancelled. What was indexed before that stays.",
        "upload_chosen": "{n} file, {size}|{n} files, {size}",
        "upload_too_large": "{name} is larger than {size}: it cannot be sent",
        "upload_left_out": (
            "{n} hidden or system file was left out|{n} hidden or system files were left out"
        ),
        "upload_to": "Where to",
        "jobs_title": "Indexing",
        "jobs_none": "Nothing has been indexed yet.",
        "jobs_lead": "One job after another, whether it was started here or in a terminal.",
        "job_title": "Job {id}",
        "job_upload": "Files for “{collection}”",
        "job_retry": "Another try in “{collection}”",
        "job_index": "Run of a terminal in “{collection}”",
        "state_queued": "waits for its turn",
        "state_open": "waits for further files",
        "state_running": "is being indexed",
        "state_cancelling": "is being cancelled",
        "state_done": "done",
        "state_cancelled": "cancelled",
        "state_interrupted": "interrupted",
        "state_failed": "failed",
        "state_stalled": "has said nothing for minutes",
        "job_progress": "Files done",
        "job_rate": "{rate} files a second",
        "job_failed_files": "{n} could not be read|{n} could not be read",
        "job_indexed": "{n} file indexed|{n} files indexed",
        "job_took": "took {time}",
        "job_interrupted_hint": "Run it again: it goes on where it was.",
        "job_cancel": "Cancel indexing",
        "job_cancel_sure": (
            "Cancel this job? What is indexed stays; files that were sent and are not indexed go."
        ),
        "job_again": "Try again",
        "job_refresh": "Refresh",
        "job_errors": "Could not be read",
        "collections_title": "Collections",
        "reach_none": "You have not been given a collection yet. Ask an admin.",
        "indexing_now": "Files are being indexed. Each can be found as soon as it has been read.",
        "indexing_watch": "See how far it is",
        "page_none": "The list is shorter: there is nothing on this page of it.",
        "page_first": "To the first page",
        "folder_none": "There is no folder “{name}” here.",
        "folder_up": "To the folder above",
        "collection_name_hint": (
            "Begin with a letter or a digit; letters, digits, spaces, dots, dashes and brackets"
            " follow, at most 100"
        ),
        "collection_size": "Files",
        "collection_encoders": "Models",
        "collection_languages": "Languages",
        "collection_rename": "Rename",
        "collection_name": "New name",
        "collection_delete": "Delete",
        "collection_delete_sure": (
            "Forget “{name}” with {n} document? Uploads are deleted; your own files stay where "
            "they are.|Forget “{name}” with {n} documents? Uploads are deleted; your own files "
            "stay where they are."
        ),
        "collection_active": "being indexed",
        "collection_add": "Add files to it",
        "crumbs": "Folder",
        "crumbs_top": "All files",
        "folders": "Folders",
        "folder_find": "Find by name or title",
        "folder_show": "Show",
        "folder_below": "Found below this folder",
        "order": "Order",
        "order_name": "By name",
        "order_title": "By title",
        "order_newest": "Newest first",
        "order_largest": "Largest first",
        "document_remove": "Remove",
        "document_removed": "Removed: {name}",
        "document_remove_upload": "Remove this document? The uploaded copy is deleted.",
        "document_remove_own": (
            "Forget this document? The file itself stays; it comes back when its folder is indexed "
            "again."
        ),
        "documents_matching": "No document matches.",
        "duplicates_title": "Duplicates",
        "duplicates_lead": (
            "Identical files, and photos that are nearly the same. Which of them to keep is up to "
            "you: nothing is deleted here."
        ),
        "duplicates_none": "There are no duplicates.",
        "duplicates_groups": "{n} group|{n} groups",
        "duplicates_spare": "{size} in copies",
        "duplicates_identical": "Identical files",
        "duplicates_alike": "Nearly the same photo",
        "saved_title": "Saved questions",
        "saved_none": "No question has been saved yet.",
        "saved_none_hint": "“Save” below an answer or a search keeps it here.",
        "saved_ask": "Ask",
        "saved_search": "Search",
        "saved_rename": "Rename",
        "saved_name": "Name",
        "saved_delete": "Delete",
        "saved_save": "Save",
        "saved_this": "Save this question",
        "saved_where": "in {collections}",
        "models_title": "Models",
        "models_lead": (
            "What runs here, what else could, and how to choose it. Nothing is downloaded behind "
            "your back; a setting is an environment variable of the server."
        ),
        "models_state_in use": "in use",
        "models_state_installed": "on this machine",
        "models_state_not installed": "not on this machine",
        "models_state_when named": "when named",
        "models_state_cannot be used": "cannot be used",
        "models_choose": "Chosen by",
        "models_reembed": "A collection keeps its encoders; change them with",
        "models_own": "Figures are of public test sets. On your own questions:",
        "role_detector": "Things in pictures",
        "measured_text": (
            "Measured on XQuAD, 150 questions over 240 passages, nDCG@10: English words alone "
            "0.973, bge-small-en alone 0.972, both 0.994. Russian words alone 0.980; the packaged "
            "model knows no Russian and is left out."
        ),
        "measured_reranker": (
            "Measured on the same questions: 0.995 after 0.994 before, for about a second a "
            "question on 2 busy cores. SIGHTLINE_RERANK_MODEL=none leaves it out."
        ),
        "measured_generator": (
            "Whatever writes, each sentence is checked against the passages it cites; on XQuAD 95% "
            "of those with another number, name or a negation are found out, of wrong answers "
            "from the same passage half."
        ),
        "model_text_packaged": "built in, for English text",
        "model_clip_packaged": "built in, for a thousand kinds of things",
        "model_reranker_onnx": "built in, for English text",
        "model_reranker_none": "none",
        "model_generator_extractive": "quotes word for word, no language model",
        "model_detector_packaged": "built in, for a thousand kinds of things",
        "note_text_packaged": "bge-small-en, int8. English; Russian is found by its stems alone.",
        "note_text_sentence_transformers": (
            "Any local sentence-transformers model. A multilingual one gives Russian meaning too."
        ),
        "note_clip_packaged": (
            "EfficientNet-Lite2 with class notes. Good for things that ImageNet knows and for "
            "photo-to-photo; weak for scenes and relations."
        ),
        "note_clip_open_clip": (
            "Any local open_clip model; ViT-B-32-SigLIP2-256/webli knows English and Russian. "
            "Photos a second on 2 cores, measured: 14, against 24 for ViT-B-32."
        ),
        "note_ocr_tesseract": "Reads English and Russian where those languages are installed.",
        "note_ocr_rapidocr": "Packaged networks for Latin script; no Cyrillic.",
        "note_reranker_onnx": ("A cross-encoder, int8, English. About 60 ms a passage on 2 cores."),
        "note_reranker_sentence_transformers": "Any local CrossEncoder.",
        "note_reranker_none": "Passages stay in the order of the first search.",
        "note_generator_extractive": (
            "Quotes the best sentences: never invented, and needs no language model."
        ),
        "note_generator_openai": (
            "A server that you name: LM Studio, Ollama, llama.cpp, vLLM, or a hosted one, which "
            "then gets to see passages."
        ),
        "note_generator_gguf": (
            "A local file by llama.cpp. With 135M parameters 50 tokens a second on 2 cores, and "
            "answers that are often wrong: take a larger one."
        ),
        "note_generator_transformers": "A local folder in this process; slower than llama.cpp.",
        "note_detector_packaged": "English and Russian, a thousand kinds of things.",
        "note_detector_owlv2": "Anything that is named, from a local folder.",
        "note_detector_grounding_dino": "Anything that is named, from a local folder.",
        "note_detector_dfine": "D-FINE, RT-DETR and DETR: their own lists of things.",
        "health_title": "Health",
        "health_storage": "On the disk",
        "storage_catalogue": "Catalogue",
        "storage_index": "Index",
        "storage_uploads": "Uploads",
        "storage_cache": "Pictures kept ready",
        "storage_free": "Free",
        "health_check": "Check everything",
        "health_check_lead": (
            "Looks at catalogue, index, files, models and disk, as “sightline doctor” does. It "
            "loads every model and may take a minute."
        ),
        "health_working": "Looking at everything…",
        "health_findings": "What was found",
        "health_good": "Everything is in order.",
        "finding_ok": "in order",
        "finding_note": "note",
        "finding_problem": "problem",
        "health_retry": "Try again",
        "health_models": "Models in use",
        "health_all_models": "About the models",
    },
    "ru": {
        "nav_library": "Библиотека",
        "nav_collections": "Коллекции",
        "nav_jobs": "Индексация",
        "nav_duplicates": "Дубликаты",
        "nav_saved": "Сохранённые вопросы",
        "nav_models": "Модели",
        "nav_health": "Состояние",
        "seconds_left": "осталось около {n} с",
        "minutes_left": "осталось около {n} мин",
        "hours_left": "осталось около {n} ч",
        "language_unknown": "другой",
        "upload_folder": "Выберите папку",
        "upload_keep": (
            "Sightline хранит копию. Когда всё отправлено, эту страницу можно закрыть."
        ),
        "upload_sending": "Отправка",
        "upload_sent": "отправлено {done} из {total}",
        "upload_cancel": "Отменить",
        "upload_cancelled": "Отменено. Что уже проиндексировано, осталось.",
        "upload_chosen": "{n} файл, {size}|{n} файла, {size}|{n} файлов, {size}",
        "upload_too_large": "{name} больше {size}: отправить нельзя",
        "upload_left_out": (
            "пропущен {n} скрытый или системный файл|пропущены {n} скрытых или системных файла|"
            "пропущено {n} скрытых или системных файлов"
        ),
        "upload_to": "Куда",
        "jobs_title": "Индексация",
        "jobs_none": "Пока ничего не индексировалось.",
        "jobs_lead": "Задания идут одно за другим, начаты ли они здесь или в терминале.",
        "job_title": "Задание {id}",
        "job_upload": "Файлы в «{collection}»",
        "job_retry": "Ещё одна попытка в «{collection}»",
        "job_index": "Запуск из терминала в «{collection}»",
        "state_queued": "ждёт своей очереди",
        "state_open": "ждёт остальных файлов",
        "state_running": "индексируется",
        "state_cancelling": "отменяется",
        "state_done": "готово",
        "state_cancelled": "отменено",
        "state_interrupted": "прервано",
        "state_failed": "не удалось",
        "state_stalled": "несколько минут ничего не сообщает",
        "job_progress": "Готово файлов",
        "job_rate": "{rate} файла в секунду",
        "job_failed_files": "не прочитан {n}|не прочитано {n}|не прочитано {n}",
        "job_indexed": (
            "проиндексирован {n} файл|проиндексированы {n} файла|проиндексировано {n} файлов"
        ),
        "job_took": "заняло {time}",
        "job_interrupted_hint": "Запустите ещё раз: работа продолжится с того же места.",
        "job_cancel": "Отменить индексацию",
        "job_cancel_sure": (
            "Отменить задание? Что проиндексировано, останется; отправленные, но не "
            "проиндексированные файлы будут удалены."
        ),
        "job_again": "Попробовать снова",
        "job_refresh": "Обновить",
        "job_errors": "Не удалось прочитать",
        "collections_title": "Коллекции",
        "reach_none": "Вам пока не дали ни одной коллекции. Обратитесь к администратору.",
        "indexing_now": "Файлы индексируются. Каждый можно найти, как только он прочитан.",
        "indexing_watch": "Посмотреть ход работы",
        "page_none": "Список короче: на этой его странице ничего нет.",
        "page_first": "На первую страницу",
        "folder_none": "Папки «{name}» здесь нет.",
        "folder_up": "В папку выше",
        "collection_name_hint": (
            "Сначала буква или цифра; дальше буквы, цифры, пробелы, точки, дефисы и скобки,"
            " не больше 100"
        ),
        "collection_size": "Файлы",
        "collection_encoders": "Модели",
        "collection_languages": "Языки",
        "collection_rename": "Переименовать",
        "collection_name": "Новое название",
        "collection_delete": "Удалить",
        "collection_delete_sure": (
            "Забыть «{name}» с {n} документом? Загруженные копии удалятся, ваши собственные файлы "
            "останутся на месте.|Забыть «{name}» с {n} документами? Загруженные копии удалятся, "
            "ваши собственные файлы останутся на месте.|Забыть «{name}» с {n} документами? "
            "Загруженные копии удалятся, ваши собственные файлы останутся на месте."
        ),
        "collection_active": "индексируется",
        "collection_add": "Добавить в неё файлы",
        "crumbs": "Папка",
        "crumbs_top": "Все файлы",
        "folders": "Папки",
        "folder_find": "Искать по имени или названию",
        "folder_show": "Показать",
        "folder_below": "Найдено в этой папке и глубже",
        "order": "Порядок",
        "order_name": "По имени",
        "order_title": "По названию",
        "order_newest": "Сначала новые",
        "order_largest": "Сначала большие",
        "document_remove": "Убрать",
        "document_removed": "Убрано: {name}",
        "document_remove_upload": "Убрать документ? Загруженная копия будет удалена.",
        "document_remove_own": (
            "Забыть документ? Сам файл останется на месте и вернётся, когда его папку "
            "проиндексируют снова."
        ),
        "documents_matching": "Таких документов нет.",
        "duplicates_title": "Дубликаты",
        "duplicates_lead": (
            "Одинаковые файлы и почти одинаковые фотографии. Что из них оставить, решаете вы: "
            "здесь ничего не удаляется."
        ),
        "duplicates_none": "Дубликатов нет.",
        "duplicates_groups": "{n} группа|{n} группы|{n} групп",
        "duplicates_spare": "копии занимают {size}",
        "duplicates_identical": "Одинаковые файлы",
        "duplicates_alike": "Почти одинаковые фотографии",
        "saved_title": "Сохранённые вопросы",
        "saved_none": "Пока не сохранено ни одного вопроса.",
        "saved_none_hint": "Кнопка «Сохранить» под ответом или поиском оставит его здесь.",
        "saved_ask": "Спросить",
        "saved_search": "Искать",
        "saved_rename": "Переименовать",
        "saved_name": "Название",
        "saved_delete": "Удалить",
        "saved_save": "Сохранить",
        "saved_this": "Сохранить вопрос",
        "saved_where": "где: {collections}",
        "models_title": "Модели",
        "models_lead": (
            "Что здесь работает, что ещё может работать и как это выбрать. Без вашего ведома "
            "ничего не скачивается; настройка — это переменная окружения сервера."
        ),
        "models_state_in use": "работает",
        "models_state_installed": "есть на этой машине",
        "models_state_not installed": "нет на этой машине",
        "models_state_when named": "если назвать",
        "models_state_cannot be used": "не работает",
        "models_choose": "Выбирается через",
        "models_reembed": "Коллекция помнит свои модели; сменить их:",
        "models_own": "Числа получены на открытых наборах. На ваших вопросах:",
        "role_detector": "Предметы на картинках",
        "measured_text": (
            "Измерено на XQuAD, 150 вопросов к 240 отрывкам, nDCG@10: по-английски одни слова "
            "0,973, одна bge-small-en 0,972, вместе 0,994. По-русски одни слова 0,980; встроенная "
            "модель русского не знает и не участвует."
        ),
        "measured_reranker": (
            "Измерено на тех же вопросах: 0,995 после 0,994 до, около секунды на вопрос на 2 "
            "занятых ядрах. SIGHTLINE_RERANK_MODEL=none отключает."
        ),
        "measured_generator": (
            "Кто бы ни писал, каждое предложение сверяется с отрывками, на которые ссылается; на "
            "XQuAD находятся 95 % предложений с другим числом, именем или отрицанием, а неверные "
            "ответы из того же отрывка лишь в половине случаев."
        ),
        "model_text_packaged": "встроенная, для английского текста",
        "model_clip_packaged": "встроенная, тысяча видов предметов",
        "model_reranker_onnx": "встроенная, для английского текста",
        "model_reranker_none": "нет",
        "model_generator_extractive": "дословные цитаты, без языковой модели",
        "model_detector_packaged": "встроенная, тысяча видов предметов",
        "note_text_packaged": (
            "bge-small-en, int8. Английский; русский ищется только по основам слов."
        ),
        "note_text_sentence_transformers": (
            "Любая локальная модель sentence-transformers. Многоязычная понимает смысл и по-русски."
        ),
        "note_clip_packaged": (
            "EfficientNet-Lite2 с описаниями классов. Хороша для предметов, известных ImageNet, и "
            "для поиска фото по фото; слаба для сцен и отношений."
        ),
        "note_clip_open_clip": (
            "Любая локальная модель open_clip; ViT-B-32-SigLIP2-256/webli знает английский и "
            "русский. Фото в секунду на 2 ядрах, измерено: 14 против 24 у ViT-B-32."
        ),
        "note_ocr_tesseract": "Читает по-английски и по-русски, если эти языки установлены.",
        "note_ocr_rapidocr": "Встроенные сети для латиницы; кириллицу не читают.",
        "note_reranker_onnx": (
            "Кросс-энкодер, int8, английский. Около 60 мс на отрывок на 2 ядрах."
        ),
        "note_reranker_sentence_transformers": "Любой локальный CrossEncoder.",
        "note_reranker_none": "Отрывки остаются в порядке первого поиска.",
        "note_generator_extractive": (
            "Цитирует лучшие предложения: ничего не выдумывает, языковая модель не нужна."
        ),
        "note_generator_openai": (
            "Сервер, который вы назвали: LM Studio, Ollama, llama.cpp, vLLM или внешний, который "
            "тогда увидит отрывки."
        ),
        "note_generator_gguf": (
            "Локальный файл через llama.cpp. При 135 млн параметров 50 токенов в секунду на 2 "
            "ядрах и часто неверные ответы: берите модель побольше."
        ),
        "note_generator_transformers": "Локальная папка в этом процессе; медленнее llama.cpp.",
        "note_detector_packaged": "Английский и русский, тысяча видов предметов.",
        "note_detector_owlv2": "Всё, что назвать, из локальной папки.",
        "note_detector_grounding_dino": "Всё, что назвать, из локальной папки.",
        "note_detector_dfine": "D-FINE, RT-DETR и DETR: их собственные списки предметов.",
        "health_title": "Состояние",
        "health_storage": "На диске",
        "storage_catalogue": "Каталог",
        "storage_index": "Индекс",
        "storage_uploads": "Загрузки",
        "storage_cache": "Готовые картинки",
        "storage_free": "Свободно",
        "health_check": "Проверить всё",
        "health_check_lead": (
            "Смотрит каталог, индекс, файлы, модели и диск, как «sightline doctor». Загружает все "
            "модели и может занять минуту."
        ),
        "health_working": "Смотрю всё…",
        "health_findings": "Что нашлось",
        "health_good": "Всё в порядке.",
        "finding_ok": "в порядке",
        "finding_note": "замечание",
        "finding_problem": "неполадка",
        "health_retry": "Попробовать снова",
        "health_models": "Модели в работе",
        "health_all_models": "О моделях",
    },
}
